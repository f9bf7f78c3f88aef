import { field, h } from './dom.js';
import { bodyOf, itemShape, sampleOf } from './samples.js';

const mostFields = 12;

/** Fields for the tensors of one item, filled with a sample that the model takes. */
export function tensorForm(model, changed) {
  const inputs = model.inputs.map(input => tensorInput(model, input, changed));
  return {
    element: h('div', {}, inputs.map(input => input.element)),
    read: () => ({ type: 'application/json', body: bodyOf(model, inputs.map(input => input.read())) }),
  };
}

function tensorInput(model, input, changed) {
  const shape = itemShape(model, input);
  const sample = sampleOf(model, input);
  const title = `${input.name}: ${input.datatype} [${input.shape.join(', ')}]`;
  return shape.length === 1 && shape[0] <= mostFields ? row(title, input, sample, changed) : area(title, sample, changed);
}

/** A field for each value. */
function row(title, input, sample, changed) {
  const fields = sample.map((value, i) =>
    h('input', { type: 'text', value: `${value}`, inputMode: input.datatype === 'BYTES' ? 'text' : 'decimal', 'aria-label': `${input.name} ${i}`, autocomplete: 'off', oninput: changed }));
  return {
    element: h('fieldset', {}, h('legend', {}, title), h('div', { className: 'values' }, fields)),
    read: () => `[${fields.map(field => literal(field.value, input.datatype)).join(',')}]`,
  };
}

function area(title, sample, changed) {
  const text = h('textarea', { rows: 4, value: JSON.stringify(sample), spellcheck: false, oninput: changed });
  return { element: field(title, text, 'JSON: one item, nested or flat, or an array of items.'), read: () => text.value };
}

function literal(text, datatype) {
  if (datatype === 'BYTES') return JSON.stringify(text);
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}
