import { counted, h, scrollBox } from '../dom.js';
import { isScalar, rowOf, squeezed, tensorOf } from '../arrays.js';
import { partText } from './bars.js';

const mostBoxes = 100;
const least = 0.25;
const leastWidth = 320;
const colors = ['#c2185b', '#2e7d32', '#1f4fc4', '#b45309', '#7b1fa2', '#00695c', '#6d4c41', '#8e0000'];

/** Draws the found objects on the picture: boxes with labels, or a mask. Returns null when the response has neither. */
export function foundView(body, { request, model }) {
  if (!request.picture || !body.predictions) return null;
  const item = itemOf(body, model);
  const boxes = boxesOf(item, model);
  const mask = boxes ? null : maskOf(item);
  if (!boxes && !mask) return null;
  const canvas = h('canvas', { className: 'found', role: 'img', 'aria-label': boxes ? describe(boxes) : 'The picture with its mask' });
  const drawn = boxes?.slice(0, mostBoxes);
  draw(canvas, request.picture, model, drawn, mask);
  const list = boxes?.length ? scrollBox('Found objects', h('ol', { className: 'hint', 'aria-label': 'Found' }, drawn.map(({ label, score }) => h('li', {}, `${label} ${score === null ? '' : partText(score)}`)))) : null;
  return h('div', {}, canvas, h('p', { className: 'hint' }, boxes ? describe(boxes) : `${counted(mask.kinds, 'kind')} of area.`), list);
}

/** Returns the outputs for the picture: the first item, or the whole output of a model without a batch dimension. */
function itemOf({ predictions, labels }, { batch, outputs }) {
  const first = Array.isArray(predictions) ? predictions[0] : rowOf(predictions, 0);
  // An object has several outputs. A single row, and rows with labels, are scores and not a list of boxes.
  const isWhole = batch === 'none' && (Array.isArray(first) || isScalar(first) || first.data) && !labels && outputs?.[0]?.shape[0] !== 1;
  return isWhole ? predictions : first;
}

const describe = ({ length }) => `${length} found in the picture.${length > mostBoxes ? ` The first ${mostBoxes} are drawn.` : ''}`;

/** Finds the boxes: an output with "box" in its name, or rows of six numbers, which are left, top, right, bottom, score and class. */
function boxesOf(item, model) {
  const named = item !== null && typeof item === 'object' && !Array.isArray(item) && !item.data;
  const part = pattern => (named ? Object.entries(item).find(([name]) => pattern.test(name))?.[1] : undefined);
  const boxes = tensorAt(named ? part(/box/i) : item, named ? 4 : 6);
  if (!boxes) return null;
  const width = boxes.shape[1];
  const flat = value => (Array.isArray(value) ? value.flat(Infinity) : value?.data);
  const [scores, labels] = [flat(part(/score|conf/i)), flat(part(/label|class|text/i))];
  const rows = Array.from({ length: boxes.shape[0] }, (_, i) => {
    const row = rowOf(boxes, i).data;
    const kind = labels?.[i] ?? (width > 5 ? Math.round(row[5]) : null);
    return { box: row.slice(0, 4), score: scores?.[i] ?? (width > 4 ? row[4] : null), kind, label: nameOf(kind, model) };
  });
  return rows.filter(row => row.score === null || row.score >= least);
}

const nameOf = (kind, model) => (typeof kind === 'string' ? kind : kind === null ? 'Box' : model.labels[kind] ?? `Class ${kind}`);

function tensorAt(value, width) {
  if (Array.isArray(value) && value.length === 0) return { shape: [0, width], data: [] };
  const tensor = tensorOf(value);
  if (!tensor) return null;
  const { data } = tensor;
  const extra = tensor.shape.length - 2;
  const shape = extra > 0 && tensor.shape.slice(0, extra).every(size => size === 1) ? tensor.shape.slice(extra) : tensor.shape;
  return shape.length === 2 && shape[1] === width ? { shape, data } : null;
}

/** Finds the mask: an image of class numbers, or an image of scores for each class. */
function maskOf(item) {
  const values = item !== null && typeof item === 'object' && !Array.isArray(item) && !item.data ? Object.entries(item).find(([name]) => /mask|seg/i.test(name))?.[1] : item;
  const tensor = tensorOf(values);
  if (!tensor) return null;
  const { shape, data } = squeezed(tensor);
  const [height, width] = shape.slice(-2);
  if (shape.length < 2 || shape.length > 3 || height < 8 || width < 8) return null;
  const classes = shape.length === 3 ? shape[0] : 1;
  const kinds = new Int32Array(height * width);
  for (let i = 0; i < kinds.length; i++) {
    if (classes === 1) kinds[i] = Number.isInteger(data[i]) ? data[i] : data[i] > 0.5 ? 1 : 0;
    else for (let kind = 1; kind < classes; kind++) if (data[kind * kinds.length + i] > data[kinds[i] * kinds.length + i]) kinds[i] = kind;
  }
  return { height, width, data: kinds, kinds: new Set(kinds).size };
}

async function draw(canvas, picture, model, boxes, mask) {
  const image = await createImageBitmap(picture);
  // A small picture is enlarged, because the labels on it would be too small to read.
  const scale = Math.max(1, Math.ceil(leastWidth / image.width));
  [canvas.width, canvas.height] = [image.width * scale, image.height * scale];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  if (mask) overlay(context, mask);
  else drawBoxes(context, boxes, inputSize(model) ?? [image.width, image.height]);
}

function overlay(context, mask) {
  const layer = new OffscreenCanvas(mask.width, mask.height);
  const pixels = new ImageData(mask.width, mask.height);
  mask.data.forEach((kind, i) => {
    if (kind === 0) return;
    const color = parseInt(colors[Math.abs(kind - 1) % colors.length].slice(1), 16);
    pixels.data.set([color >> 16, (color >> 8) & 255, color & 255, 140], i * 4);
  });
  layer.getContext('2d').putImageData(pixels, 0, 0);
  context.drawImage(layer, 0, 0, context.canvas.width, context.canvas.height);
}

/**
 * Draws the boxes. Their coordinates are fractions of the picture, or pixels of the model's input, to whose size the picture was stretched.
 */
function drawBoxes(context, boxes, [width, height]) {
  const isPart = boxes.every(({ box }) => box.every(value => value <= 1.5));
  const { width: across, height: down } = context.canvas;
  const [x, y] = isPart ? [across, down] : [across / width, down / height];
  const size = Math.max(11, Math.round(across / 28));
  context.font = `${size}px system-ui, sans-serif`;
  context.lineWidth = Math.max(2, across / 200);
  const kinds = [...new Set(boxes.map(box => box.label))];
  for (const { box: [left, top, right, bottom], label, score } of boxes) {
    const text = `${label}${score === null ? '' : ` ${partText(score)}`}`;
    context.strokeStyle = context.fillStyle = colors[kinds.indexOf(label) % colors.length];
    context.strokeRect(left * x, top * y, (right - left) * x, (bottom - top) * y);
    const above = Math.max(0, top * y - size * 1.3);
    const long = context.measureText(text).width + 6;
    const start = Math.max(0, Math.min(left * x, across - long));
    context.fillRect(start, above, long, size * 1.3);
    context.fillStyle = '#fff';
    context.fillText(text, start + 3, above + size);
  }
}

/** Returns the width and height of an input [n, 3, h, w] or [n, h, w, 3]; null when they are dynamic. */
function inputSize(model) {
  const shape = model.inputs?.find(input => input.shape.length === 4)?.shape;
  if (!shape) return null;
  const [height, width] = shape[1] <= 4 ? shape.slice(2) : shape.slice(1, 3);
  return height > 0 && width > 0 ? [width, height] : null;
}
