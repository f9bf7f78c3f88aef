import { readJson } from '../arrays.js';
import { field, h } from '../dom.js';
import { bodyOf, sampleOf, suggestedBody, typeOf, valuesOf } from '../samples.js';

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
      field(`${input.name}: ${typeOf(input)}`, fields[i], 'JSON: one item, nested or flat, or an array of items.'))),
    read: () => ({ type: 'application/json', body: bodyOf(model, fields.map(text => text.value)) }),
  };
}

/** The form of a body whose values are too many to suggest. */
export const emptyBody = model => bodyOf(model, model.inputs.map(() => '[…]'));

/** Whether a body is one of Open Inference, whose calls have addresses of their own. */
const isOpenInference = body => Array.isArray(body?.inputs) && body.inputs[0]?.datatype !== undefined;

/** Creates a field for the whole body of the call. An example of a model may be a body of Open Inference. */
export function bodyForm(model, changed) {
  const text = h('textarea', { rows: 8, spellcheck: false, oninput: changed, value: suggestedBody(model), placeholder: emptyBody(model) });
  return {
    element: field('Body of the call', text, 'JSON of a predict call.'),
    missing: () => (text.value.trim() ? null : { text: 'Type the body first.', field: text }),
    load: body => (text.value = JSON.stringify(body, null, 1), true),
    loadText: body => { text.value = body; },
    read: () => ({ type: 'application/json', body: text.value, route: isOpenInference(readJson(text.value)) ? 'infer' : undefined }),
  };
}
