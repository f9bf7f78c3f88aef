import { postJson } from '../api.js';
import { field, h } from '../dom.js';
import { partText } from './bars.js';

const samples = {
  'token-classification': 'Marie Curie was born in Warsaw and worked in Paris.',
  'zero-shot-classification': 'The new phone has a bright screen and a weak battery.',
  'text-classification': 'I liked this film very much.',
};

/** Creates a field for a text. */
export function textForm(model, changed) {
  const text = h('textarea', { rows: 4, value: samples[model.task] ?? 'The quick brown fox jumps over the lazy dog.', oninput: changed });
  return {
    element: field('Text', text),
    load: body => typeof body.text === 'string' && ((text.value = body.text), true),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** Creates the fields for a text and for the labels to choose from. */
export function zeroShotForm(model, changed) {
  const text = h('textarea', { rows: 4, value: samples[model.task], oninput: changed });
  const labels = h('input', { type: 'text', value: 'technology, sport, politics', oninput: changed });
  const named = () => labels.value.split(',').map(label => label.trim()).filter(label => label);
  return {
    element: h('div', {}, field('Text', text), field('Labels, with commas between them', labels)),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value, parameters: { candidate_labels: named() } }), texts: [text.value] }),
  };
}

/** Creates a field for a text with a gap. The model's mask token marks the gap. */
export function maskForm(model, changed) {
  const text = h('textarea', { rows: 3, value: 'Paris is the [MASK] of France.', oninput: changed });
  let mask = '[MASK]';
  const insert = h('button', { type: 'button', onclick: () => { text.setRangeText(mask, text.selectionStart, text.selectionEnd, 'end'); text.focus(); changed(); } }, 'Insert the gap');
  const ready = findMask(model).then(found => {
    if (found === mask) return;
    text.value = text.value.replace(mask, found);
    mask = found;
    changed();
  });
  return {
    ready,
    element: h('div', {}, field('Text with a gap', text), h('div', { className: 'row' }, insert)),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** Finds the model's mask token, which depends on the family of its tokenizer. */
async function findMask(model) {
  const answer = await postJson(`models/${model.name}/tokenize`, JSON.stringify({ inputs: ['[MASK]', '<mask>'], add_special_tokens: false }));
  const isOne = tokens => tokens?.length === 1 && tokens[0].special;
  return answer.ok && !isOne(answer.body[0]) && isOne(answer.body[1]) ? '<mask>' : '[MASK]';
}

/** Shows the model's words for the gap, the most likely first. */
export function maskView(body) {
  const first = body.predictions?.[0];
  const found = Array.isArray(first?.[0]) ? first[0] : first;
  if (!Array.isArray(found) || typeof found[0]?.token_str !== 'string') return null;
  return h('ol', { className: 'filled', 'aria-label': 'Words for the gap' }, found.map(({ token_str: word, score, sequence }) =>
    h('li', {}, h('strong', {}, word), ` ${partText(score)} `, h('span', { className: 'hint' }, sequence))));
}
