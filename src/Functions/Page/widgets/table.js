import { isScalar, textOf } from '../arrays.js';
import { counted, field, fileField, h, shortened } from '../dom.js';
import { bodyOf, itemShape, keepsLines, product, sampleOf, valuesOf } from '../samples.js';
import { turns } from '../turns.js';
import { readCsv } from './csv.js';
import { arrange, hasHeader, isFloat, mayHaveNames, mostRows, numberText, truth, wordOf } from './rows.js';

const mostColumns = 40;
/** The maximum number of characters of a first line that is shown. */
const mostShown = 60;

/** Returns a column for each value of an item; null when the model's items are not rows of a table. */
export function columnsOf(model) {
  if (model.batch === 'none' || !model.inputs?.length) return null;
  const columns = [];
  for (const input of model.inputs) {
    const shape = itemShape(model, input);
    if (shape.length > 1 || product(shape) === 0 || input.shape.slice(1).some(size => size < 0)) return null;
    const sample = [sampleOf(model, input)].flat();
    sample.forEach((value, i) => columns.push({ input: input.name, type: input.datatype, sample: value, name: sample.length === 1 ? input.name : `${input.name} ${i}` }));
  }
  return columns.length <= mostColumns ? columns : null;
}

/** Creates a table of items with typed columns. The user can also paste CSV, or choose or drop a CSV file. */
export function tableForm(model, changed) {
  const columns = columnsOf(model);
  const said = h('p', { role: 'status', className: 'hint' });
  let refusal = '';
  /** The names in the header of a CSV; null for those of the model. */
  let names = null;
  /** The names for another version, which has another number of columns; null for none. */
  let others = null;
  const turn = turns();
  /** Resolves when a chosen file was read; null when none is being read. */
  let reading = null;
  const [head, body] = [h('tr'), h('tbody')];
  const file = fileField('.csv,.tsv,text/csv', take);
  const sheet = h('div', { className: 'scroll' }, h('table', { className: 'sheet', 'aria-label': 'Items' }, h('thead', {}, head), body));
  /** Lets the user decide whether the first line of CSV is a header; hidden when the line is none, or the table was changed since. */
  const header = h('input', { type: 'checkbox', onchange: () => arrangeAgain() });
  const firstLine = h('span');
  const headerChoice = h('label', { className: 'choice', hidden: true }, header, firstLine);
  /** The CSV in the table. */
  let csv = null;
  const nameOf = i => names?.[i] || columns[i].name;

  function showNames(given) {
    names = given;
    head.replaceChildren(
      ...columns.map(({ name, type }, i) => h('th', { scope: 'col' }, nameOf(i), h('small', { className: 'hint' }, nameOf(i) === name ? ` ${type}` : ` ${name} ${type}`))),
      h('th', { scope: 'col' }, h('span', { className: 'unseen' }, 'Remove')));
  }

  function append(values) {
    const fields = columns.map((column, i) => cell(column, values[i] ?? column.sample, edited));
    const button = h('button', { type: 'button', className: 'link', onclick: () => remove(row) }, '×');
    const row = h('tr', {}, ...fields.map(one => h('td', {}, one)), h('td', {}, button));
    body.append(row);
    name(row, body.children.length);
  }

  /** Names the controls of a row after its number, for screen readers. */
  function name(row, number) {
    columns.forEach((_, i) => row.children[i].firstChild.setAttribute('aria-label', `${nameOf(i)}${number > 1 ? `, row ${number}` : ''}`));
    row.lastChild.firstChild.setAttribute('aria-label', `Remove row ${number}`);
  }

  /** Removes a row, unless it is the only one. The focus moves to the button of the next row. */
  function remove(row) {
    if (body.children.length < 2) return;
    const next = row.nextSibling ?? row.previousSibling;
    row.remove();
    [...body.children].forEach((one, i) => name(one, i + 1));
    next.lastChild.firstChild.focus();
    edited();
  }

  function paste(event) {
    const text = event.clipboardData.getData('text');
    // A text in a cell may have commas and semicolons.
    const isText = columns[event.target.closest('td')?.cellIndex]?.type === 'BYTES';
    if (!(isText ? /[\n\t]/ : /[\n\t,;]/).test(text.trim())) return;
    event.preventDefault();
    file.value = '';
    tell('');
    fill(text);
  }

  function drop(event) {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    take(file.files[0]);
  }

  /** Reads a file into the table, unless the user changes the table meanwhile. */
  function take(chosen) {
    const isLast = turn();
    [refusal, said.textContent, headerChoice.hidden] = ['', `Reading ${chosen.name} …`, true];
    const own = reading = chosen.text().then(text => isLast() && fill(text)).catch(e => isLast() && refuse(`${chosen.name}: ${e.message}`))
      .finally(() => { if (reading === own) reading = null; });
  }

  /** Fills the table with CSV. After refused rows nothing is sent, not even the previous rows, until the user changes the table. */
  function fill(text) {
    headerChoice.hidden = true;
    if (isBinary(text)) return refuse('This is no text: choose a CSV file.');
    if (text.includes('\ufffd')) return refuse('The text is not in UTF-8: save the file as "CSV UTF-8".');
    csv = readCsv(text);
    header.checked = hasHeader(csv, columns);
    return arrangeAgain();
  }

  /** Fills the table with the CSV, whose first line is a header if the user, or else its content, says so. */
  function arrangeAgain() {
    headerChoice.hidden = !mayHaveNames(csv);
    firstLine.textContent = `The first line is a header: ${shortened(csv.lines[0]?.join(', ') ?? '', mostShown)}`;
    const { rows, problem, note = '', names: given = null } = arrange(csv, columns, header.checked);
    if (problem) return refuse(problem);
    [refusal, said.textContent] = ['', `${counted(rows.length, 'row')}.${note}`];
    showNames(given);
    use(rows);
    return changed();
  }

  function refuse(problem) {
    refusal = said.textContent = problem;
    changed();
  }

  function use(rows) {
    body.replaceChildren();
    rows.forEach(append);
  }

  /** Shows a text in place of what was said about earlier rows. A file that is being read is left out. */
  function tell(text) {
    turn();
    if (reading || refusal) file.value = '';
    [reading, refusal, said.textContent] = [null, '', text];
    headerChoice.hidden = true;
  }

  function edited() {
    // Another choice would replace what the user has typed.
    headerChoice.hidden = true;
    if (reading || refusal || body.querySelector('[aria-invalid]')) tell('');
    for (const marked of body.querySelectorAll('[aria-invalid]')) marked.removeAttribute('aria-invalid');
    changed();
  }

  /** Finds the cells that are empty or have no number, which only texts may be. The choice of a truth value always has one. */
  function missing() {
    const wrong = [...body.children].flatMap((row, number) => columns.map(({ type }, i) => ({ field: row.children[i].firstChild, number, i, type })))
      .filter(({ field: { value }, type }) => type !== 'BYTES' && type !== 'BOOL' && !isValue(value, type));
    if (!wrong.length) return null;
    const [{ field: first, number, i, type }] = wrong;
    for (const { field: one } of wrong) one.setAttribute('aria-invalid', 'true');
    const [isEmpty, allEmpty] = [first.value.trim() === '', wrong.every(({ field: { value } }) => value.trim() === '')];
    said.textContent = `Row ${number + 1}, column "${nameOf(i)}" is ${isEmpty ? 'empty' : `"${shortened(first.value, mostShown)}"`}. Type a number${
      isFloat(type) ? ', or NaN for a missing value' : ''}.${wrong.length > 1 ? ` In all, ${wrong.length} cells ${allEmpty ? 'are empty' : 'have no number'}.` : ''}`;
    return { text: said.textContent, field: first };
  }

  /** Shows rows that come from another form, or from an example, whose columns have the names of the model. */
  function show(rows, isExample) {
    file.value = '';
    tell('');
    if (isExample) showNames(null);
    use(rows);
    changed();
  }

  function restore(given) {
    if (given.length !== columns.length) {
      others = given;
      return;
    }
    showNames(given);
    use([[]]);
  }

  showNames(null);
  append([]);
  return {
    element: h('div', { onpaste: paste, ondrop: drop, ondragover: event => event.dataTransfer.types.includes('Files') && event.preventDefault() }, sheet,
      h('div', { className: 'row' }, h('button', { type: 'button', onclick: () => { append([]); edited(); } }, 'Add a row')),
      field('CSV file', file, 'Or paste rows from a spreadsheet or a CSV file into the table, or drop a file.'), said, headerChoice),
    get ready() { return reading; },
    problem: () => refusal && `${refusal} Nothing was sent: choose or paste other rows, or change the table.`,
    missing,
    load: (given, isExample) => load(model, given, columns, rows => show(rows, isExample)),
    carry: () => names ?? others,
    restore,
    read: () => ({ type: 'application/json', body: refusal ? null : bodyOf(model, model.inputs.map(input => columnOf(body, columns, input.name))) }),
  };
}

function cell({ type, sample }, value, changed) {
  if (type === 'BOOL') {
    const select = h('select', { onchange: changed }, ['true', 'false'].map(text => h('option', {}, text)));
    select.value = truth(textOf(value));
    return select;
  }
  const text = textOf(value);
  // A field of one line would remove the line breaks.
  if (text.includes('\n')) return h('textarea', { rows: 2, value: text, oninput: changed });
  return h('input', { type: 'text', value: text, inputMode: typeof sample === 'number' ? 'decimal' : 'text', autocomplete: 'off', oninput: changed });
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

/** Whether a file is no text. Such a file has zeros. A text in another encoding than UTF-8 has replacement characters when it is read. */
const isBinary = text => text.includes('\0');

/** Whether a cell has a number, or a word for one in a column of floating-point numbers. */
const isValue = (text, datatype) => numberText(text) !== undefined || (isFloat(datatype) && wordOf(text) !== undefined);

/** Returns a cell as JSON. Numbers keep their digits, because a JavaScript number cannot hold every 64-bit integer. */
function literal(text, datatype) {
  if (datatype === 'BYTES') return JSON.stringify(text);
  const word = isFloat(datatype) ? wordOf(text) : undefined;
  if (word !== undefined) return JSON.stringify(word);
  return datatype === 'BOOL' ? text : numberText(text) ?? JSON.stringify(text);
}

/** A body as rows. False when it has anything that the table cannot show. In a column of floating-point numbers, null is a missing value. */
function load(model, body, columns, use) {
  const perInput = valuesOf(model, body)?.map((values, i) => rowsOf(values, columns.filter(column => column.input === model.inputs[i].name).length));
  if (!perInput?.every(rows => rows && rows.length === perInput[0]?.length)) return false;
  const rows = perInput[0].map((_, row) => perInput.flatMap(own => own[row]).map((value, i) => (value === null && isFloat(columns[i].type) ? wordOf('nan') : value)));
  const fits = (value, i) => isScalar(value) && value !== null && keepsLines(textOf(value)) && (columns[i].type !== 'BOOL' || truth(textOf(value)) !== undefined);
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
