import { readJson, rowOf } from '../arrays.js';
import { field, h } from '../dom.js';
import { bodyOf, nest, product, sampleOf, suggestedBody, typeOf, valuesOf } from '../samples.js';

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

/** The maximum number of values of a typed array that are nested. The views read larger ones, of large responses, as they are. */
const mostNested = 1000;

/**
 * Returns the body of a predict call with the outputs of an Open Inference response, for the views of answers. Other bodies, and responses
 * whose outputs the page has only in part, are returned unchanged.
 */
export function predictionOf(body, { batch }) {
  if (!Array.isArray(body?.outputs)) return body;
  const outputs = body.outputs.map(({ name, shape, data }) => [name, { shape, data: data?.data ?? data }]);
  const [[, first] = []] = outputs;
  const isWhole = ([, { shape, data }]) => Array.isArray(shape) && data?.length === product(shape);
  if (!first || !outputs.every(isWhole)) return body;
  const valueOf = ({ shape, data }) => (ArrayBuffer.isView(data) && data.length > mostNested ? { shape, data } : nest([...data], shape));
  const entry = of => (outputs.length === 1 ? valueOf(of(first)) : Object.fromEntries(outputs.map(([name, tensor]) => [name, valueOf(of(tensor))])));
  if (batch === 'none') return { predictions: outputs.length === 1 && first.shape.length ? valueOf(first) : [entry(tensor => tensor)] };
  if (!outputs.every(([, { shape }]) => shape[0] === first.shape[0])) return body;
  if (outputs.length === 1) return { predictions: valueOf(first) };
  return { predictions: Array.from({ length: first.shape[0] }, (_, i) => entry(tensor => rowOf(tensor, i))) };
}
