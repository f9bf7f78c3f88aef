import { counted, startOf } from '../dom.js';

/** The maximum number of rows that the page sends. */
export const mostRows = 1000;

/** The values of floating-point numbers that are words, by the words that spreadsheets, pandas and NumPy write, in small letters. */
const words = { nan: 'NaN', na: 'NaN', 'n/a': 'NaN', '#n/a': 'NaN', null: 'NaN', inf: 'Infinity', infinity: 'Infinity', '+inf': 'Infinity', '+infinity': 'Infinity', '-inf': '-Infinity', '-infinity': '-Infinity' };

/** Returns the word for a value that JSON has no number for, as the server reads it; undefined for any other text. */
export const wordOf = text => (Object.hasOwn(words, text.trim().toLowerCase()) ? words[text.trim().toLowerCase()] : undefined);

/**
 * Returns a number as JSON has it: with digits on both sides of a point, and without a plus sign. All digits stay. Undefined for any other
 * text.
 */
export function numberText(text) {
  const [, sign, whole, fraction, exponent = ''] = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(e[+-]?\d+)?$/i.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  return `${sign === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction ? `.${fraction}` : ''}${exponent}`;
}

/** Whether values of a data type are floating-point numbers. */
export const isFloat = datatype => /^(FP|BF)/.test(datatype);

/** Returns a truth value as the form's choice has it; undefined for any other text. */
export const truth = text => ({ true: 'true', 1: 'true', false: 'false', 0: 'false' })[text.trim().toLowerCase()];

/** Whether a cell can be a name: it has a text that is no value. */
const isName = (cell, separator) => cell.trim() !== '' && Number.isNaN(Number(withPoint(cell.trim(), separator)))
  && wordOf(cell) === undefined && truth(cell) === undefined;

/** Whether the first line of CSV may have the names of the columns, so that the user can decide. */
export const mayHaveNames = ({ lines, separator }) => lines[0]?.some(cell => isName(cell, separator)) ?? false;

/** pandas writes the numbers of the rows into a first column without a name. */
const isNumberedLine = (line, columns) => line[0].trim() === '' && line.length === columns.length + 1;

/**
 * Whether the first line of CSV is a header: it has a name of the model, or only names. Any line of texts could be names, so for a model of
 * texts only, a line without a name of the model is a row. As a header, the first text would be lost.
 */
export function hasHeader({ lines: [first = []], separator }, columns) {
  if (!first.length) return false;
  const names = columns.map(column => column.name.toLowerCase());
  if (first.some(cell => names.includes(cell.trim().toLowerCase()))) return true;
  // In a header, each column of the model has a name. An empty cell in its place is a text or a missing value.
  const isUnused = i => (isNumberedLine(first, columns) ? i === 0 : i >= columns.length);
  return columns.some(({ type }) => type !== 'BYTES') && first.every((cell, i) => isName(cell, separator) || (cell.trim() === '' && isUnused(i)));
}

/**
 * Assigns the cells of CSV to columns: by the names in a header that has all names of the columns, or else by their order.
 * @param isHeader whether the first line is a header.
 * @returns {{rows: ?string[][], problem: ?string, note: ?string, names: ?string[]}} the names are those of another header.
 */
export function arrange({ lines, separator }, columns, isHeader) {
  if (!lines.length) return { problem: 'There are no rows in it.' };
  const number = cell => withPoint(cell.trim(), separator);
  const names = columns.map(column => column.name.toLowerCase());
  const isNumbered = isNumberedLine(lines[0], columns);
  const [first, ...others] = isHeader && isNumbered ? lines.map(line => line.slice(1)) : lines;
  const header = first.map(cell => cell.trim());
  const byName = names.map(name => header.findIndex(cell => cell.toLowerCase() === name));
  const isByName = isHeader && byName.every(place => place >= 0);
  const rows = isHeader ? others : [first, ...others];
  if (!rows.length) return { problem: 'There are no rows below the header.' };
  if (isHeader && !isByName && byName.some((place, i) => place >= 0 && place !== i)) return { problem: mixedNames(columns, byName) };
  const taken = `the model takes ${counted(columns.length, 'column')}: ${columns.map(column => column.name).join(', ')}`;
  const least = isByName ? Math.max(...byName) + 1 : columns.length;
  const short = rows.findIndex(row => row.length < least);
  if (short >= 0) {
    const expected = header.length > columns.length && isByName ? `the header has ${header.length}` : taken;
    return { problem: `Row ${short + 1} has ${counted(rows[short].length, 'cell')}, and ${expected}.` };
  }
  if (rows.length > mostRows) return { problem: `It has ${rows.length} rows. The page sends at most ${mostRows}.` };
  const extra = isByName ? [] : rows[0].slice(columns.length);
  if (extra.some(cell => cell.trim() !== '' && !Number.isNaN(Number(cell))))
    return { problem: `Row 1 has ${counted(rows[0].length, 'cell')}, and ${taken}. Numbers with decimal commas need semicolons between the cells.` };
  const places = isByName ? byName : columns.map((_, i) => i);
  const cells = rows.map(row => places.map((place, i) => (columns[i].type === 'BYTES' ? row[place].trim() : number(row[place]))));
  const shownNames = isHeader && !isByName && header.length >= columns.length ? header.slice(0, columns.length) : null;
  return {
    rows: cells, names: shownNames, problem: findProblem(cells, columns.map(({ name, type }, i) => ({ type, name: shownNames?.[i] || name }))),
    note: extra.length ? ` Only the first ${counted(columns.length, 'cell')} of each row ${columns.length === 1 ? 'is' : 'are'} used.` : '',
  };
}

/** Describes a header with some of the columns' names. By position, a cell would get into the wrong column. */
function mixedNames(columns, byName) {
  const names = wanted => columns.filter((_, i) => byName[i] >= 0 === wanted).map(({ name }) => name).join(', ');
  return `The header names ${names(true)}, but not ${names(false)}. Name all columns as the model does, or none.`;
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
      const text = `Row ${i + 1}: ${name} is "${startOf(row[column], 40)}".`;
      if (type === 'BOOL' && truth(row[column]) === undefined) return `${text} It takes true or false, or 1 or 0.`;
      if (type !== 'BYTES' && row[column].includes(',')) return `${text} Write numbers with a decimal point, and without separators of thousands.`;
    }
  }
  return undefined;
}
