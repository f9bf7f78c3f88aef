import { h } from './dom.js';
import { pixels, pixelsOf } from './ink.js';
import { bodyOf, itemShape, nest, sampleOf } from './samples.js';

const side = 256;

/** A pad for drawing a digit. The drawing becomes pixels like those that the model was trained on. */
export function digitForm(model, changed) {
  const strokes = [];
  let values = sampleOf(model, model.inputs[0]).flat(Infinity);
  const canvas = h('canvas', { width: side, height: side, className: 'pad', 'aria-label': 'Draw a digit here, with the mouse or a finger' });
  const seen = h('canvas', { width: pixels, height: pixels, className: 'seen', 'aria-label': 'The 8 by 8 pixels that the model sees' });
  for (const element of [canvas, seen]) element.setAttribute('role', 'img');
  const text = h('textarea', { rows: 3, spellcheck: false, 'aria-label': 'Pixels, 0 to 16, row by row', oninput: () => take(text.value) });

  function take(typed) {
    try {
      const read = JSON.parse(typed).flat(Infinity);
      if (read.length === pixels * pixels) show(values = read, canvas, seen);
    } catch {
      // Half typed; the server says what is wrong when it is sent.
    }
    changed();
  }

  function drawn() {
    values = strokes.length ? pixelsOf(strokes) : Array(pixels * pixels).fill(0);
    text.value = JSON.stringify(values);
    paint(canvas, strokes);
    preview(seen, values);
    changed();
  }

  function clear() {
    strokes.length = 0;
    drawn();
  }

  listen(canvas, strokes, drawn);
  text.value = JSON.stringify(values);
  show(values, canvas, seen);
  return {
    live: true,
    element: h('div', { className: 'digit' },
      h('div', { className: 'pads' }, canvas, h('figure', {}, seen, h('figcaption', {}, 'What the model sees'))),
      h('div', { className: 'row' }, h('button', { type: 'button', onclick: clear }, 'Clear')),
      h('details', {}, h('summary', {}, 'Type the pixels instead'), text)),
    read: () => ({ type: 'application/json', body: bodyOf(model, [shaped(model, text.value, values)]) }),
  };
}

/** As the model's input is nested; what was typed and is no JSON goes as it is. */
function shaped(model, typed, values) {
  const shape = itemShape(model, model.inputs[0]);
  return shape.length > 1 && typed === JSON.stringify(values) ? JSON.stringify(nest(values, shape)) : typed;
}

function listen(canvas, strokes, drawn) {
  let drawing = false;
  const point = event => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * side / box.width, (event.clientY - box.top) * side / box.height];
  };
  canvas.addEventListener('pointerdown', event => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    strokes.push([point(event)]);
    drawn();
  });
  canvas.addEventListener('pointermove', event => {
    if (!drawing) return;
    strokes.at(-1).push(...event.getCoalescedEvents().map(point), point(event));
    drawn();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { drawing = false; });
}

function paint(canvas, strokes) {
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.strokeStyle = '#000';
  context.lineWidth = 22;
  context.lineCap = context.lineJoin = 'round';
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) context.lineTo(...point);
    context.stroke();
  }
}

/** A sample has no strokes: its pixels are shown, large and small. */
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
