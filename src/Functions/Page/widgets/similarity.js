import { counted, field, h, short, table } from '../dom.js';
import { rowOf, tensorOf } from '../arrays.js';
import { hasOnly, keepsLines } from '../samples.js';

const mostShown = 12;
const shownValues = 8;

/** Creates a field for sentences, one per line. */
export function sentenceForm(_, changed) {
  const sentences = h('textarea', {
    rows: 5, oninput: changed,
    value: 'A cat sits on the mat.\nThe kitten is on the rug.\nThe stock market fell today.\nShares lost value this morning.',
  });
  const lines = () => linesOf(sentences.value);

  function load(body) {
    const given = [body.text].flat();
    if (!hasOnly(body, 'text') || !given.every(isLine)) return false;
    sentences.value = given.join('\n');
    return true;
  }

  return {
    load,
    element: field('Sentences, one a line', sentences, 'The answer shows how similar each sentence is to the others.'),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: lines() }), texts: lines() }),
  };
}

/** The lines that are not empty, without whitespace around them. */
export const linesOf = text => text.split('\n').map(line => line.trim()).filter(line => line);

/** Whether a text is what is read from one line. */
export const isLine = text => typeof text === 'string' && keepsLines(text) && linesOf(text)[0] === text;

/** Vectors: how similar they are to each other, and the beginning of a single one. */
export function vectorView(body, { request }) {
  const vectors = tensorOf(body.predictions);
  if (!request.texts || vectors?.shape.length !== 2) return null;
  const rows = Array.from({ length: vectors.shape[0] }, (_, i) => rowOf(vectors, i).data);
  return rows.length > 1 ? matrix(rows.slice(0, mostShown), request.texts) : single(rows[0]);
}

function matrix(rows, texts) {
  const values = rows.map(row => rows.map(other => cosine(row, other)));
  const numbers = rows.map((_, i) => `${i + 1}`);
  const cells = values.map((line, i) => [
    h('span', {}, `${i + 1} `, h('span', { className: 'hint' }, texts[i] ?? '')),
    ...line.map(value => h('span', { className: `heat heat-${Math.round(Math.max(0, value) * 10)}` }, value.toFixed(2))),
  ]);
  return h('div', {}, table('Similarity of the sentences', ['Sentence', ...numbers], cells, 'matrix'), h('p', { className: 'hint' }, closest(values, texts)),
    texts.length > rows.length ? h('p', { className: 'hint' }, `The first ${rows.length} of ${texts.length} sentences are compared here.`) : null);
}

function closest(values, texts) {
  const pairs = values.flatMap((line, i) => line.slice(0, i).map((value, j) => ({ value, i, j })));
  const best = pairs.reduce((most, pair) => (pair.value > most.value ? pair : most));
  return `Most similar (${best.value.toFixed(2)}): "${texts[best.j]}" and "${texts[best.i]}".`;
}

function single(row) {
  const length = Math.sqrt([...row].reduce((sum, value) => sum + value * value, 0));
  return h('p', {}, `${counted(row.length, 'number')} of length ${short(length)}: [${[...row.slice(0, shownValues)].map(short).join(', ')}${row.length > shownValues ? ', …' : ''}]. Write a second line to compare.`);
}

function cosine(a, b) {
  let [product, left, right] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    left += a[i] * a[i];
    right += b[i] * b[i];
  }
  return left && right ? product / Math.sqrt(left * right) : 0;
}
