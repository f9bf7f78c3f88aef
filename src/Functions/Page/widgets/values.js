import { countOf, isScalar, textOf } from '../arrays.js';
import { counted, h, shortened, table } from '../dom.js';
import { bestOf, entriesOf, labelsOf, mapOf, scored } from './bars.js';

const mostColumns = 40;
const shownRows = 100;
/** The maximum number of characters of a cell. */
const mostText = 200;

/**
 * Shows the answer as a table, when its items have few values. The members of an object, such as a map, are columns. A model without a batch
 * dimension has no items, so that the rows of its output are rows of the table.
 */
export function tableView(body, { model }) {
  const predictions = body.predictions;
  if (!Array.isArray(predictions) || predictions.length === 0) return null;
  const items = predictions.map(item => (isObject(item) ? membersOf(item) : [item].flat(Infinity).map(value => ['', value])));
  const names = items[0].map(([name]) => name);
  const fits = item => item.length === names.length && item.every(([name, value], i) => name === names[i] && (isScalar(value) || isSmall(value)));
  if (names.length > mostColumns || !items.every(fits)) return null;
  const [noun, head] = model.batch === 'none' ? ['row', 'Row'] : ['item', 'Item'];
  if (!names.length) return h('p', {}, `${counted(countOf(predictions), noun)} without values.`);
  const labels = labelsOf(model, names.length);
  const best = bestLabelOf(body, model);
  const heads = names.map((name, i) => name || (labels?.[i] ?? (names.length === 1 ? outputName(model) : `${i}`)));
  const rows = items.slice(0, shownRows).map((item, i) => [`${i + 1}`, ...(best ? [best(i)] : []), ...item.map(([, value]) => shown(value))]);
  return h('div', {}, table(`Answer for each ${noun}`, [head, ...(best ? ['Best'] : []), ...heads], rows, 'values-table'),
    predictions.length > shownRows ? h('p', { className: 'hint' }, `The first ${shownRows} of ${countOf(predictions)} ${noun}s.`) : null);
}

/** Returns the name of the only output. The parts of a sequence or map, such as its shapes, have the name of the whole. */
const outputName = ({ outputs: [output] }) => output?.partOf ?? output?.name ?? 'Value';

/** Returns a function for the best label of an item; null when the items have no labels, or an output of their own for the label. */
function bestLabelOf({ labels, predictions }, model) {
  if (Array.isArray(labels) && labels.length === predictions.length) return i => bestOf(scored(labels[i]))?.label ?? '–';
  const ofMap = i => bestOf(entriesOf(mapOf(predictions[i], model) ?? {}))?.label ?? '–';
  return mapOf(predictions[0], model) === predictions[0] ? ofMap : null;
}

const isObject = value => !isScalar(value) && !Array.isArray(value);

/** Lists the members of an object. A member of an inner object has the names of both, as in "probabilities.setosa". */
const membersOf = item => Object.entries(item).flatMap(([name, value]) =>
  (isObject(value) ? membersOf(value).map(([inner, part]) => [`${name}.${inner}`, part]) : [[name, value]]));

const isSmall = value => Array.isArray(value) && value.length <= 8 && value.every(isScalar);

/** Returns a value as text. A long text is cut off, because it would move the other columns out of sight. */
const shown = value => shortened(Array.isArray(value) ? value.map(shown).join(', ') : textOf(value), mostText);
