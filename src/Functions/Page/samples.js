import { h } from './dom.js';

const mostTyped = 256;
const flower = [5.1, 3.5, 1.4, 0.2];

/** Whether the input of the model is the 8 x 8 pixels of a handwritten digit, with values from 0 to 16. */
export const isDigits = model =>
  model.inputs?.length === 1 && model.batch !== 'none' && product(itemShape(model, model.inputs[0])) === 64 && model.labels.length === 10 && model.labels.every((label, i) => label === `${i}`);

/** Returns the shape of one item: the input's shape without the batch dimension. A dynamic dimension becomes 1. */
export function itemShape(model, input) {
  const shape = input.shape.map(size => (size < 0 ? 1 : size));
  return model.batch === 'none' ? shape : shape.slice(1);
}

export const product = shape => shape.reduce((size, dimension) => size * dimension, 1);

/** Whether an input has too many values to type. Such an input is uploaded. */
export const isLarge = model => model.inputs.some(input => product(itemShape(model, input)) > mostTyped);

/** Returns one item that the model accepts: a real flower for iris, and default values for other models. */
export function sampleOf(model, input) {
  const shape = itemShape(model, input);
  if (model.labels?.includes('setosa') && product(shape) === 4) return nest(flower, shape);
  const value = { BOOL: false, BYTES: 'text' }[input.datatype] ?? 0;
  const item = nest(Array(product(shape)).fill(value), shape);
  // The server reads [] as no items. One item without values is [[]].
  return product(shape) === 0 && model.batch !== 'none' ? [item] : item;
}

/** Nests flat values in arrays of the shape. For an empty shape, returns the only value. */
export function nest(values, shape) {
  if (shape.length === 0) return values[0];
  if (shape.length === 1) return values;
  const size = product(shape.slice(1));
  return Array.from({ length: shape[0] }, (_, i) => nest(values.slice(i * size, (i + 1) * size), shape.slice(1)));
}

const texts = {
  'token-classification': 'Marie Curie was born in Warsaw and worked in Paris.',
  'zero-shot-classification': 'The phone has a weak battery.',
  'text-classification': 'I liked this film very much.',
};

/** Returns a text for the task of a model. A text for a model that fills gaps has one gap. */
export const sampleText = ({ task, mask }) => (mask ? `Paris is the ${mask} of France.` : texts[task] ?? 'The weather is nice.');

/** The labels to choose from for zero-shot classification. */
export const sampleLabels = ['technology', 'sport', 'politics'];

/** A query and the texts to rank. */
export const sampleRanking = {
  query: 'What is deep learning?',
  texts: ['Deep learning is a kind of machine learning.', 'Cheese is made of milk.', 'Neural networks with many layers learn from data.'],
};

/** Returns the body that ranks texts. Texts that are too long for the model are truncated. */
export const rankingBody = ({ query, texts }) => ({ text: texts.map(text => ({ text: query, text_pair: text })), parameters: { truncate: true } });

/** Returns a body with a text and the other members that the task of the model requires. */
function textBody(model) {
  if (model.task === 'text-ranking') return rankingBody(sampleRanking);
  const text = sampleText(model);
  return model.task === 'zero-shot-classification' ? { text, parameters: { candidate_labels: sampleLabels } } : { text };
}

/**
 * A valid body for a form that shows any JSON: texts for the task of a model of texts, a small picture for a model of images, and the sample
 * for other models. Empty for a model with too many values to show.
 */
export function suggestedBody(model) {
  if (model.takes?.includes('text')) return JSON.stringify(textBody(model));
  if (model.takes?.includes('image')) return bodyOf(model, [JSON.stringify(samplePicture(8).toDataURL())]);
  return isLarge(model) ? '' : bodyOf(model, model.inputs.map(input => JSON.stringify(sampleOf(model, input))));
}

/** Draws a sample picture, for models that accept images. */
export function samplePicture(side) {
  const canvas = h('canvas', { width: side, height: side });
  const context = canvas.getContext('2d');
  context.scale(side / 96, side / 96);
  const sky = context.createLinearGradient(0, 0, 0, 96);
  sky.addColorStop(0, '#3b7dd8');
  sky.addColorStop(1, '#f5c26b');
  context.fillStyle = sky;
  context.fillRect(0, 0, 96, 96);
  context.fillStyle = '#d84b3b';
  context.beginPath();
  context.arc(48, 60, 20, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

/** Whether a field shows a text as it is. Fields replace carriage returns by line feeds. */
export const keepsLines = text => !text.includes('\r');

/** Whether a body has no members but these, so that a form that shows them shows all of it. */
export const hasOnly = (body, ...names) => Object.keys(body).every(name => names.includes(name));

/** Describes the type of an input or output: its data type and its shape. */
export const typeOf = ({ datatype, shape, anyShape }) => (anyShape ? `${datatype} of any shape` : `${datatype} [${shape.join(', ')}]`);

/** The values of each input in a body that has nothing else; null for other bodies. */
export function valuesOf(model, body) {
  const { features, inputs } = body;
  const values = model.inputs.length === 1 && features !== undefined ? [features] : model.inputs.map(({ name }) => inputs?.[name]);
  const isWhole = features === undefined ? hasOnly(body, 'inputs') && hasOnly(inputs ?? {}, ...model.inputs.map(({ name }) => name)) : hasOnly(body, 'features');
  return isWhole && values.every(value => value !== undefined) ? values : null;
}

/** The body of a predict call, of values as they were typed: what is wrong with them is the server's to say. */
export const bodyOf = (model, values) =>
  model.inputs.length === 1
    ? `{"features":${values[0]}}`
    : `{"inputs":{${model.inputs.map((input, i) => `${JSON.stringify(input.name)}:${values[i]}`).join(',')}}}`;
