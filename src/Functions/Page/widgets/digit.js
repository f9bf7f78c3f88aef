import { h } from '../dom.js';
import { pixels, pixelsOf } from '../ink.js';
import { bodyOf, hasOnly, itemShape, nest } from '../samples.js';

const side = 256;
const pen = 22;

/** The strokes of some digits. Each stroke is a list of corners, with x and y from 0 to 1. */
const drawn = {
  1: [[[0.38, 0.28], [0.54, 0.12], [0.54, 0.88]]],
  2: [[[0.3, 0.3], [0.36, 0.16], [0.52, 0.11], [0.66, 0.18], [0.7, 0.32], [0.62, 0.48], [0.3, 0.87], [0.74, 0.87]]],
  4: [[[0.52, 0.1], [0.26, 0.6], [0.76, 0.6]], [[0.62, 0.36], [0.62, 0.9]]],
  7: [[[0.27, 0.14], [0.72, 0.14], [0.44, 0.9]], [[0.36, 0.5], [0.66, 0.5]]],
  8: [[[0.5, 0.5], [0.34, 0.38], [0.34, 0.2], [0.5, 0.11], [0.66, 0.2], [0.66, 0.38], [0.5, 0.5], [0.31, 0.64], [0.31, 0.81], [0.5, 0.9], [0.69, 0.81], [0.69, 0.64], [0.5, 0.5]]],
};

/** Creates a pad for drawing a digit. The drawing is converted to pixels like those that the model was trained on. */
export function digitForm(model, changed) {
  const strokes = [];
  let values = Array(pixels * pixels).fill(0);
  const canvas = h('canvas', { width: side, height: side, className: 'pad', role: 'img', 'aria-label': 'Draw a digit here, with the mouse or a finger' });
  const invitation = h('span', { className: 'invitation', 'aria-hidden': 'true' }, 'draw a digit here');
  const seen = h('canvas', { width: pixels, height: pixels, className: 'seen', role: 'img', 'aria-label': 'The 8 by 8 pixels that the model sees' });
  const text = h('textarea', { rows: 3, spellcheck: false, 'aria-label': 'Pixels, 0 to 16, row by row', oninput: () => take(text.value) });

  /** @returns {boolean} whether the text holds the pixels of a digit. */
  function take(typed) {
    invitation.hidden = true;
    const read = parse(typed);
    if (read) {
      strokes.length = 0;
      show(values = read, canvas, seen);
    }

    changed();
    return read !== null;
  }

  function redraw() {
    values = strokes.length ? pixelsOf(strokes) : Array(pixels * pixels).fill(0);
    invitation.hidden = strokes.length > 0;
    text.value = JSON.stringify(values);
    paint(canvas, strokes);
    preview(seen, values);
    changed();
  }

  function use(example) {
    strokes.splice(0, strokes.length, ...example.map(stroke => stroke.map(([x, y]) => [x * side, y * side])));
    redraw();
  }

  listen(canvas, strokes, redraw);
  text.value = JSON.stringify(values);
  paint(canvas, strokes);
  preview(seen, values);
  const examples = Object.entries(drawn).map(([digit, example]) =>
    h('button', { type: 'button', 'aria-label': `Draw ${digit}`, onclick: () => use(example) }, digit));
  return {
    live: true,
    problem: () => (invitation.hidden ? '' : 'Draw a digit, or choose an example.'),
    load: body => hasOnly(body, 'features') && parse(JSON.stringify(body.features ?? null)) !== null && (text.value = JSON.stringify(body.features), take(text.value)),
    element: h('div', { className: 'digit' },
      h('div', { className: 'pads' }, h('div', { className: 'pad-holder' }, canvas, invitation), h('figure', {}, seen, h('figcaption', {}, 'What the model sees'))),
      h('div', { className: 'row' }, h('button', { type: 'button', onclick: () => use([]) }, 'Clear'), h('span', { className: 'hint' }, 'Examples:'), examples),
      h('details', {}, h('summary', {}, 'Type the pixels instead'), text)),
    read: () => ({ type: 'application/json', body: bodyOf(model, [shaped(model, text.value, values)]) }),
  };
}

function parse(typed) {
  try {
    const read = [JSON.parse(typed)].flat(Infinity);
    return read.length === pixels * pixels && read.every(Number.isFinite) ? read : null;
  } catch {
    // The text is not JSON yet. If the user sends it, the server reports the error.
    return null;
  }
}

/** Returns the text to send. The pixels of a drawing are nested like the model's input; any other text is sent unchanged. */
function shaped(model, typed, values) {
  const shape = itemShape(model, model.inputs[0]);
  return shape.length > 1 && typed === JSON.stringify(values) ? JSON.stringify(nest(values, shape)) : typed;
}

function listen(canvas, strokes, redraw) {
  let drawing = false;
  const point = event => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * side / box.width, (event.clientY - box.top) * side / box.height];
  };
  canvas.addEventListener('pointerdown', event => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    strokes.push([point(event)]);
    redraw();
  });
  canvas.addEventListener('pointermove', event => {
    if (!drawing) return;
    strokes.at(-1).push(...event.getCoalescedEvents().map(point), point(event));
    redraw();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { drawing = false; });
}

function paint(canvas, strokes) {
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.strokeStyle = '#000';
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = 'round';
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
    context.stroke();
  }
}

/** Shows typed pixels, which have no strokes, on the pad and in the preview. */
function show(values, canvas, seen) {
  preview(seen, values);
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = true;
  context.drawImage(seen, 0, 0, side, side);
}

function preview(canvas, values) {
  const context = canvas.getContext('2d');
  const image = context.createImageData(pixels, pixels);
  values.forEach((value, i) => {
    image.data.fill(255 - Math.round(Math.min(16, Math.max(0, value)) * 255 / 16), i * 4, i * 4 + 3);
    image.data[i * 4 + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}
