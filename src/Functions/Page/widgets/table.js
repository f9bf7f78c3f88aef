import { isScalar, textOf } from '../arrays.js';
import { counted, field, fileField, h, short, table } from '../dom.js';
import { bodyOf, itemShape, sampleOf, valuesOf } from '../samples.js';
import { readCsv } from './csv.js';

const mostColumns = 40;
const mostRows = 1000;
const shownRows = 100;

/** Returns a column for each value of an item; null when the model's items are not rows of a table. */
export function columnsOf(model) {
  if (model.batch === 'none' || !model.inputs?.length) return null;
  const columns = [];
  for (const input of model.inputs) {
    const shape = itemShape(model, input);
    if (shape.length > 1 || input.shape.slice(1).some(size => size < 0)) return null;
    const sample = [sampleOf(model, input)].flat();
    sample.forEach((value, i) => columns.push({ input: input.name, type: input.datatype, sample: value, name: sample.length === 1 ? input.name : `${input.name} ${i}` }));
  }
  return columns.length <= mostColumns ? columns : null;
}

/** Creates a table of items with typed columns. The user can also paste CSV or choose a CSV file. */
export function tableForm(model, changed) {
  const columns = columnsOf(model);
  const said = h('p', { role: 'status', className: 'hint' });
  let refusal = '';
  const body = h('tbody');
  const file = fileField('.csv,.tsv,text/csv', async chosen => fill(await chosen.text()));
  const head = [...columns.map(({ name, type }) => h('th', { scope: 'col' }, name, h('small', { className: 'hint' }, ` ${type}`))), h('th', { scope: 'col' }, h('span', { className: 'unseen' }, 'Remove'))];
  const sheet = h('div', { className: 'scroll', onpaste: paste }, h('table', { className: 'sheet', 'aria-label': 'Items' }, h('thead', {}, h('tr', {}, head)), body));

  function append(values) {
    const number = body.children.length + 1;
    const fields = columns.map((column, i) => cell(column, values[i] ?? column.sample, `${column.name}${number > 1 ? `, row ${number}` : ''}`, edited));
    const remove = h('button', { type: 'button', className: 'link', 'aria-label': `Remove row ${number}`, onclick: () => { if (body.children.length > 1) row.remove(); edited(); } }, '×');
    const row = h('tr', {}, ...fields.map(one => h('td', {}, one)), h('td', {}, remove));
    body.append(row);
  }

  function paste(event) {
    const text = event.clipboardData.getData('text');
    if (!/[\n\t,;]/.test(text.trim())) return;
    event.preventDefault();
    file.value = '';
    fill(text);
  }

  /** Fills the table with CSV. After refused rows nothing is sent, not even the previous rows, until the user changes the table. */
  function fill(text) {
    const { rows, problem = '', note = '' } = isBinary(text) ? { problem: 'This is no text: choose a CSV file.' } : arrange(readCsv(text), columns);
    refusal = problem;
    said.textContent = problem || `${counted(rows.length, 'row')}.${note}`;
    if (!problem) use(rows);
    changed();
  }

  function use(rows) {
    body.replaceChildren();
    rows.forEach(append);
  }

  function edited() {
    if (refusal) said.textContent = file.value = refusal = '';
    changed();
  }

  append([]);
  return {
    element: h('div', {}, sheet,
      h('div', { className: 'row' }, h('button', { type: 'button', onclick: () => { append([]); edited(); } }, 'Add a row')),
      field('CSV file', file, 'Or paste rows from a spreadsheet or a CSV file into the table.'), said),
    problem: () => refusal && `${refusal} Nothing was sent: choose or paste other rows, or change the table.`,
    load: given => load(model, given, columns, rows => { said.textContent = file.value = refusal = ''; use(rows); changed(); }),
    read: () => ({ type: 'application/json', body: refusal ? null : bodyOf(model, model.inputs.map(input => columnOf(body, columns, input.name))) }),
  };
}

function cell({ type, sample }, value, label, changed) {
  if (type === 'BOOL') {
    const select = h('select', { 'aria-label': label, onchange: changed }, ['true', 'false'].map(text => h('option', {}, text)));
    select.value = truth(value);
    return select;
  }
  return h('input', {
    type: 'text', value: textOf(value), 'aria-label': label, inputMode: typeof sample === 'number' ? 'decimal' : 'text', autocomplete: 'off', oninput: changed,
  });
}

/** Returns the rows of one input as JSON: a list of values for each row, or one value if the input has one column. */
function columnOf(body, columns, input) {
  const own = columns.map((column, i) => (column.input === input ? i : -1)).filter(i => i >= 0);
  const rows = [...body.children].map(row => {
    const values = own.map(i => literal(row.children[i].firstChild.value, columns[i].type));
    return own.length === 1 ? values[0] : `[${values.join(',')}]`;
  });
  return rows.length === 1 ? (own.length === 1 ? `[${rows[0]}]` : rows[0]) : `[${rows.join(',')}]`;
}

/** Whether a file is not text in UTF-8. Such a file, read as text, contains zeros or replacement characters. */
const isBinary = text => /[\0\ufffd]/.test(text);

/** A truth value as the form's choice has it; undefined for any other text. */
const truth = value => ({ true: 'true', 1: 'true', false: 'false', 0: 'false' })[textOf(value).trim().toLowerCase()];

/** Returns a cell as JSON. Numbers keep their digits, because a JavaScript number cannot hold every 64-bit integer. */
function literal(text, datatype) {
  if (datatype === 'BYTES') return JSON.stringify(text);
  try {
    JSON.parse(text);
    return text.trim();
  } catch {
    return JSON.stringify(text);
  }
}

/** Assigns the cells to columns by the names in a header, or by their order if there is no header with these names. */
function arrange({ lines, separator }, columns) {
  if (!lines.length) return { problem: 'There are no rows in it.' };
  const number = cell => withPoint(cell.trim(), separator);
  const names = columns.map(column => column.name.toLowerCase());
  const header = lines[0].map(cell => cell.trim().toLowerCase());
  const isHeader = header.some(cell => names.includes(cell)) || lines[0].every(cell => cell.trim() !== '' && Number.isNaN(Number(number(cell))));
  const byName = names.map(name => header.indexOf(name));
  const places = isHeader && byName.every(place => place >= 0) ? byName : columns.map((_, i) => i);
  const rows = isHeader ? lines.slice(1) : lines;
  if (!rows.length) return { problem: 'There are no rows below the header.' };
  const taken = `the model takes ${counted(columns.length, 'column')}: ${columns.map(column => column.name).join(', ')}`;
  const short = rows.findIndex(row => row.length < columns.length);
  if (short >= 0) return { problem: `Row ${short + 1} has ${counted(rows[short].length, 'cell')}, and ${taken}.` };
  if (rows.length > mostRows) return { problem: `It has ${rows.length} rows. The page sends at most ${mostRows}.` };
  const extra = places === byName ? [] : (rows[0] ?? []).slice(columns.length);
  if (extra.some(cell => cell.trim() !== '' && !Number.isNaN(Number(cell))))
    return { problem: `Row 1 has ${counted(rows[0].length, 'cell')}, and ${taken}. Numbers with decimal commas need semicolons between the cells.` };
  const cells = rows.map(row => places.map((place, i) => (columns[i].type === 'BYTES' ? row[place].trim() : number(row[place]))));
  return { rows: cells, problem: findProblem(cells, columns), note: extra.length ? ` Only the first ${counted(columns.length, 'cell')} of each row ${columns.length === 1 ? 'is' : 'are'} used.` : '' };
}

/**
 * Replaces a decimal comma, which many languages use, with a decimal point. With tabs between the cells, 1,234 is left unchanged, because
 * it may mean 1.234 or 1234.
 */
function withPoint(cell, separator) {
  const isDecimal = separator !== ',' && /^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(cell);
  return isDecimal && !(separator === '\t' && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell)) ? cell.replace(',', '.') : cell;
}

/** Describes the first cell that its column cannot hold or that can be read in two ways; undefined when there is none. */
function findProblem(rows, columns) {
  for (const [i, row] of rows.entries()) {
    for (const [column, { type, name }] of columns.entries()) {
      const text = `Row ${i + 1}: ${name} is "${row[column].slice(0, 40)}".`;
      if (type === 'BOOL' && truth(row[column]) === undefined) return `${text} It takes true or false, or 1 or 0.`;
      if (type !== 'BYTES' && row[column].includes(',')) return `${text} Write numbers with a decimal point, and without separators of thousands.`;
    }
  }
  return undefined;
}

/** A body as rows. False when it has anything that the table cannot show. */
function load(model, body, columns, use) {
  const perInput = valuesOf(model, body)?.map((values, i) => rowsOf(values, columns.filter(column => column.input === model.inputs[i].name).length));
  if (!perInput?.every(rows => rows && rows.length === perInput[0]?.length)) return false;
  const rows = perInput[0].map((_, row) => perInput.flatMap(own => own[row]));
  const fits = (value, i) => isScalar(value) && value !== null && (columns[i].type !== 'BOOL' || truth(value) !== undefined);
  if (!rows.length || rows.length > mostRows || !rows.every(row => row.every(fits))) return false;
  use(rows);
  return true;
}

/** Values of one input as rows of a width: nested by rows, or one after another. Null when they do not fill rows. */
function rowsOf(values, width) {
  const flat = [values].flat(Infinity);
  const isNested = Array.isArray(values) && values.some(Array.isArray);
  if (isNested ? values.some(row => [row].flat(Infinity).length !== width) : flat.length % width) return null;
  return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width));
}

/** The answer as a table, when its items have few values. */
export function tableView(body, { model }) {
  const predictions = body.predictions;
  if (!Array.isArray(predictions) || predictions.length === 0) return null;
  const named = predictions[0] !== null && typeof predictions[0] === 'object' && !Array.isArray(predictions[0]);
  const names = named ? Object.keys(predictions[0]) : null;
  const cells = item => (names ? names.map(name => item[name]) : [item].flat(Infinity));
  const width = cells(predictions[0]).length;
  if (width > mostColumns || predictions.some(item => cells(item).length !== width || cells(item).some(value => !isScalar(value) && !isSmall(value)))) return null;
  const hasLabels = Array.isArray(body.labels) && body.labels.length === predictions.length;
  const heads = names ?? Array.from({ length: width }, (_, i) => model.labels[i] ?? (width === 1 ? model.outputs[0]?.name ?? 'Value' : `${i}`));
  const rows = predictions.slice(0, shownRows).map((item, i) => [`${i + 1}`, ...(hasLabels ? [body.labels[i][0]?.label ?? ''] : []), ...cells(item).map(shown)]);
  return h('div', {}, table('Answer for each item', ['Item', ...(hasLabels ? ['Best'] : []), ...heads], rows, 'values-table'),
    predictions.length > shownRows ? h('p', { className: 'hint' }, `The first ${shownRows} of ${predictions.length} items.`) : null);
}

const isSmall = value => Array.isArray(value) && value.length <= 8 && value.every(isScalar);

const shown = value => (typeof value === 'number' && !Number.isInteger(value) ? `${short(value)}` : Array.isArray(value) ? value.map(shown).join(', ') : textOf(value));
