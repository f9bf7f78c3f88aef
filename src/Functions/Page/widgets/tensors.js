import { field, h } from '../dom.js';
import { bodyOf, isLarge, sampleOf, valuesOf } from '../samples.js';

/** Creates a field of JSON for each input, filled with a sample that the model accepts. */
export function tensorForm(model, changed) {
  const fields = model.inputs.map(input => h('textarea', { rows: 4, value: JSON.stringify(sampleOf(model, input)), spellcheck: false, oninput: changed }));

  function load(body) {
    const values = valuesOf(model, body);
    values?.forEach((value, i) => { fields[i].value = JSON.stringify(value); });
    return values !== null;
  }

  return {
    load,
    element: h('div', {}, model.inputs.map((input, i) =>
      field(`${input.name}: ${input.datatype} [${input.shape.join(', ')}]`, fields[i], 'JSON: one item, nested or flat, or an array of items.'))),
    read: () => ({ type: 'application/json', body: bodyOf(model, fields.map(text => text.value)) }),
  };
}

/** Creates a field for the whole body of the call. */
export function bodyForm(model, changed) {
  const first = { text: 'The quick brown fox jumps over the lazy dog.' };
  const takesText = model.takes?.includes('text');
  const text = h('textarea', {
    rows: 8, spellcheck: false, oninput: changed,
    value: takesText ? JSON.stringify(first) : isLarge(model) ? bodyOf(model, model.inputs.map(() => '[]')) : bodyOf(model, model.inputs.map(input => JSON.stringify(sampleOf(model, input)))),
  });
  return {
    element: field('Body of the call', text, 'JSON, as the API takes it.'),
    load: body => (text.value = JSON.stringify(body, null, 1), true),
    loadText: body => { text.value = body; },
    read: () => ({ type: 'application/json', body: text.value }),
  };
}
