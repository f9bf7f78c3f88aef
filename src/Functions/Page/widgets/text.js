import { field, h } from '../dom.js';
import { hasOnly } from '../samples.js';
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
    load: body => loadText(text, body),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** Shows the text of a body that has nothing else. */
function loadText(field, body) {
  const given = Array.isArray(body.text) && body.text.length === 1 ? body.text[0] : body.text;
  if (typeof given !== 'string' || !hasOnly(body, 'text')) return false;
  field.value = given;
  return true;
}

/** A text, and the labels to choose from. */
export function zeroShotForm(model, changed) {
  const text = h('textarea', { rows: 4, value: samples[model.task], oninput: changed });
  const labels = h('input', { type: 'text', value: 'technology, sport, politics', oninput: changed });
  const split = list => list.split(',').map(label => label.trim()).filter(label => label);
  const named = () => split(labels.value);

  function load({ parameters, ...body }) {
    const given = parameters?.candidate_labels;
    const list = typeof given === 'string' ? given : Array.isArray(given) && given.every(label => typeof label === 'string' && split(label)[0] === label) ? given.join(', ') : null;
    if (list === null || !hasOnly(parameters, 'candidate_labels') || !loadText(text, body)) return false;
    labels.value = list;
    return true;
  }

  return {
    load,
    element: h('div', {}, field('Text', text), field('Labels, with commas between them', labels)),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value, parameters: { candidate_labels: named() } }), texts: [text.value] }),
  };
}

/** Creates a field for a text with a gap. The model's mask token marks the gap. */
export function maskForm(model, changed) {
  const { mask } = model;
  const text = h('textarea', { rows: 3, value: `Paris is the ${mask} of France.`, oninput: changed });
  const insert = h('button', { type: 'button', onclick: () => { text.setRangeText(mask, text.selectionStart, text.selectionEnd, 'end'); text.focus(); changed(); } }, 'Insert the gap');
  return {
    load: body => loadText(text, body),
    element: h('div', {}, field('Text with a gap', text), h('div', { className: 'row' }, insert)),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** What the model puts into the gap, the likeliest first. */
export function maskView(body) {
  const first = body.predictions?.[0];
  const found = Array.isArray(first?.[0]) ? first[0] : first;
  if (!Array.isArray(found) || typeof found[0]?.token_str !== 'string') return null;
  return h('ol', { className: 'filled', 'aria-label': 'Words for the gap' }, found.map(({ token_str: word, score, sequence }) =>
    h('li', {}, h('strong', {}, word), ` ${partText(score)} `, h('span', { className: 'hint' }, sequence))));
}
