/** Functions for the numbers of a response: nested arrays, or a typed array with its shape when the worker parsed the response. */

const manyNumbers = 1000;
const mostEntries = 1000;

/** Returns the shape of nested arrays of numbers; null for arrays of unequal lengths and for any other value. */
export function shapeOf(value) {
  if (value?.shape && value.data) return value.shape;
  const shape = [];
  let level = value;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape.length && typeof level === 'number' && isRegular(value, shape, 0) ? shape : null;
}

function isRegular(value, shape, axis) {
  if (axis === shape.length) return typeof value === 'number';
  return Array.isArray(value) && value.length === shape[axis] && value.every(part => isRegular(part, shape, axis + 1));
}

/** @returns {?{shape: number[], data: ArrayLike<number>}} null when the value is no tensor of numbers. */
export function tensorOf(value) {
  const shape = shapeOf(value);
  if (!shape) return null;
  return { shape, data: value.data ?? (shape.length === 1 ? value : value.flat(Infinity)) };
}

/** Returns a number or string of JSON as text. An integer beyond 2^53 is an object that holds its digits. Zero keeps its sign. */
export const textOf = value => value?.rawJSON ?? (Object.is(value, -0) ? '-0' : `${value}`);

const nonFinite = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity]]);

/** Returns a number of a response. Responses have texts for NaN and the infinities. Undefined for any other value. */
export const numberOf = value => (typeof value === 'number' ? value : nonFinite.get(value));

/**
 * JSON whose numbers keep their digits, for a form that shows them. The words NaN and Infinity become texts, which the server reads as the
 * same numbers. Undefined for text that is no JSON.
 */
export function readJson(text) {
  try {
    return JSON.parse(text.replace(textOrWord, part => (part.startsWith('"') ? part : `"${part}"`)), asWritten);
  } catch {
    return undefined;
  }
}

/** Whether an integer of JSON has more digits than a JavaScript number holds. */
export const isCutShort = (value, source) => Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);

const textOrWord = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** Keeps the digits of each number as JSON has them, if the browser supports JSON.rawJSON. */
export const asWritten = (_, value, context) =>
  typeof value === 'number' && context?.source && context.source !== `${value}` && JSON.rawJSON ? JSON.rawJSON(context.source) : value;

/** Whether a part of JSON has no parts of its own. */
export const isScalar = value => value === null || typeof value !== 'object' || value.rawJSON !== undefined;

/** Returns the tensor without its leading dimensions of size 1. */
export function squeezed({ shape, data }) {
  const first = shape.findIndex(size => size !== 1);
  return { shape: first < 0 ? [1] : shape.slice(first), data };
}

/** Returns one row of the first dimension. */
export function rowOf({ shape, data }, index) {
  const size = shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  return { shape: shape.slice(1), data: data.slice(index * size, (index + 1) * size) };
}

/** Replaces large arrays of numbers with typed arrays, and truncates other long arrays. */
export function compact(value, buffers) {
  if (isScalar(value)) return value;
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, compact(part, buffers)]));
  const shape = shapeOf(value);
  if (shape && shape.reduce((product, size) => product * size, 1) > manyNumbers) {
    // Float64Array keeps every digit of the response: INT64 above 2^24 and FP64 do not fit into Float32Array.
    const data = Float64Array.from(value.flat(Infinity));
    buffers.push(data.buffer);
    return { shape, data };
  }
  const start = value.slice(0, mostEntries).map(part => compact(part, buffers));
  // A copy for another thread keeps this property of an array.
  if (value.length > mostEntries) start.total = value.length;
  return start;
}

/** Returns the number of entries of an array, including those that were left out. */
export const countOf = array => array.total ?? array.length;

const longInteger = /[[,:]\s*-?\d{16}/;

/** Parses a large response. An integer that a JavaScript number cannot hold becomes an object with its digits, as in JSON.rawJSON. */
export const parseLarge = text => JSON.parse(text, longInteger.test(text)
  ? (_, value, context) => (isCutShort(value, context?.source) ? { rawJSON: context.source } : value)
  : undefined);
