import { field, h } from '../dom.js';
import { hasOnly, keepsLines, sampleLabels, sampleText } from '../samples.js';
import { partText } from './bars.js';
import { isLine } from './similarity.js';

/** Creates a field for a text. */
export function textForm(model, changed) {
  const text = h('textarea', { rows: 4, value: sampleText(model), oninput: changed });
  return {
    element: field('Text', text),
    load: body => loadText(text, body),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** Shows the text of a body that has nothing else. */
function loadText(field, body) {
  const given = Array.isArray(body.text) && body.text.length === 1 ? body.text[0] : body.text;
  if (typeof given !== 'string' || !keepsLines(given) || !hasOnly(body, 'text')) return false;
  field.value = given;
  return true;
}

/** A text, and the labels to choose from. */
export function zeroShotForm(model, changed) {
  const text = h('textarea', { rows: 4, value: sampleText(model), oninput: changed });
  const labels = h('input', { type: 'text', value: sampleLabels.join(', '), oninput: changed });
  const split = list => list.split(',').map(label => label.trim()).filter(label => label);
  const named = () => split(labels.value);

  function load({ parameters, ...body }) {
    const given = parameters?.candidate_labels;
    const list = Array.isArray(given) && given.every(label => isLine(label) && split(label)[0] === label) ? given.join(', ') : given;
    // A field of one line would remove line breaks.
    if (typeof list !== 'string' || /[\r\n]/.test(list) || !hasOnly(parameters, 'candidate_labels') || !loadText(text, body)) return false;
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
  const text = h('textarea', { rows: 3, value: sampleText(model), oninput: changed });
  const insert = h('button', { type: 'button', onclick: () => { text.setRangeText(mask, text.selectionStart, text.selectionEnd, 'end'); text.focus(); changed(); } }, 'Insert the gap');
  return {
    load: body => loadText(text, body),
    element: h('div', {}, field('Text with a gap', text), mask ? h('div', { className: 'row' }, insert) : null),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }), texts: [text.value] }),
  };
}

/** Shows the words for each gap of each text, the likeliest first. A text with several gaps has a list of words for each of them. */
export function maskView({ predictions }) {
  if (!Array.isArray(predictions) || !predictions.length) return null;
  const gaps = predictions.map(item => (Array.isArray(item?.[0]) ? item : [item]));
  if (!gaps.flat().every(words => Array.isArray(words) && typeof words[0]?.token_str === 'string')) return null;
  const lists = gaps.flatMap((ofText, text) => ofText.map((words, gap) => {
    const name = [gaps.length > 1 ? `text ${text + 1}` : '', ofText.length > 1 ? `gap ${gap + 1}` : ''].filter(part => part).join(', ');
    return [name ? h('h4', {}, `${name[0].toUpperCase()}${name.slice(1)}`) : null, wordList(words, name)];
  }));
  return h('div', {}, ...lists.flat());
}

const wordList = (words, name) => h('ol', { className: 'filled', 'aria-label': name ? `Words for ${name}` : 'Words for the gap' },
  words.map(({ token_str: word, score, sequence }) => h('li', {}, h('strong', {}, word), ` ${partText(score)} `, h('span', { className: 'hint' }, sequence))));
