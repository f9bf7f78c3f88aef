/**
 * Reads CSV text with tabs, semicolons or commas between the cells. A quoted cell may contain separators and line breaks. A first line such as
 * sep=; names the separator for Excel.
 * @returns {{lines: string[][], separator: string}}
 */
export function readCsv(given) {
  const [named = '', chosen] = /^\ufeff?sep=([;,\t|])\r?\n/i.exec(given) ?? [];
  const text = given.slice(named.length);
  const first = text.replace(/"[^"]*"/g, '').split('\n', 1)[0];
  const separator = chosen ?? ['\t', ';', ','].find(one => first.includes(one)) ?? ',';
  const lines = [];
  let line = [];
  let cell = '';
  let quoted = false;
  const endCell = () => { line.push(cell); cell = ''; };
  const endLine = () => { endCell(); if (line.length > 1 || line[0].trim() !== '') lines.push(line); line = []; };
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (character === '"' && cell.trim() === '') {
      [cell, quoted] = ['', true];
    } else if (character === separator) {
      endCell();
    } else if (character === '\n') {
      endLine();
    } else if (character !== '\r') {
      cell += character;
    }
  }
  endLine();
  return { lines, separator };
}
