import { textOf } from './arrays.js';

/** Creates an element with children. A property on... is an event handler; aria-..., data-... and unknown properties become attributes. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** Creates an SVG element. All its properties are attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes('-')) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

/** Sets the text of an element. An element that already has the text stays unchanged, and so does a selection in it. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Returns the start of a text. A character that the end would split is left out. */
export const startOf = (text, length) => text.slice(0, length).replace(/[\ud800-\udbff]$/, '');

/** Returns a text with at most the given number of characters, and a mark if it was cut off. */
export const shortened = (text, length) => (text.length > length ? `${startOf(text, length)} …` : text);

/** Reads the start of a blob as text. A character that the end would split is left out. */
export const startOfBlob = async (blob, size) => new TextDecoder().decode(await blob.slice(0, size).arrayBuffer(), { stream: true });

let ids = 0;

/** Creates a label for a control, and optionally a hint. */
export function field(label, control, hint) {
  control.id ||= `field-${++ids}`;
  const help = hint ? h('small', { id: `${control.id}-hint`, className: 'hint' }, hint) : null;
  if (help) control.setAttribute('aria-describedby', help.id);
  return h('div', { className: 'field' }, h('label', { htmlFor: control.id }, label), control, help);
}

export function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; count >= 1024 && unit < units.length - 1; unit++) count /= 1024;
  return `${count >= 100 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

/** A number with its noun: "1 row", "2 rows". */
export const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Seconds as people read them. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1e-3) return `${short(seconds * 1e6)} µs`;
  return seconds < 1 ? `${short(seconds * 1e3)} ms` : `${short(seconds)} s`;
}

const [least, most] = [1e-4, 1e7];

/**
 * Formats a number with three significant digits, or as a whole number from 100. Very small and very large numbers get an exponent, so that
 * every text is short.
 */
export function short(number) {
  const size = Math.abs(number);
  if (size === 0) return textOf(number);
  if (Number.isFinite(size) && (size < least || size >= most)) return number.toExponential(2);
  return size >= 100 ? `${Math.round(number)}` : `${Number(number.toPrecision(3))}`;
}

/** Creates one line of text that is cut off at the end of its box, with a button that shows the rest. */
export function oneLine(text, className = 'error') {
  const line = h('span', { className: 'line' }, text);
  const button = h('button', { type: 'button', className: 'link', 'aria-expanded': 'false', onclick: toggle }, 'more');
  const element = h('div', { className: `one-line ${className}` }, line, text.length > 24 || text.includes('\n') ? button : null);

  function toggle(event) {
    event.preventDefault();
    const open = element.classList.toggle('open');
    button.textContent = open ? 'less' : 'more';
    button.setAttribute('aria-expanded', `${open}`);
  }

  return element;
}

/**
 * Returns a reason with its own words first, because a narrow screen has room for these only. The page shows the model and the version
 * beside it. The words of ONNX Runtime, which begin with a code and a path, stand behind the advice.
 */
export const ownWords = reason => reason.replace(/^(Model|Version) \S+ does not load[.:]\s+/, '')
  .replace(/^(ONNX Runtime says ".*?"\.) (?!Check )(.+)$/s, '$2 $1');

/** Sizes a bar to a part of its track, from 0 to 1. A part above 0 is visible, however small it is. */
export function sizeBar(bar, part) {
  bar.style.width = `${Math.min(1, Math.max(0, part)) * 100}%`;
  bar.style.minWidth = part > 0 ? '1px' : '';
}

/** Creates a group of buttons, one of which is pressed. */
export function choices(label, names, chosen) {
  const buttons = names.map((name, i) => h('button', { type: 'button', 'aria-pressed': `${i === 0}`, onclick: () => press(i) }, name));
  function press(index) {
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', `${i === index}`));
    chosen(index);
  }
  return { element: h('div', { className: 'choices', role: 'group', 'aria-label': label }, buttons), press };
}

/** Creates a box for content of any size, which scrolls in it. */
export const scrollBox = (label, ...content) => h('div', { className: 'scroll', tabIndex: 0, role: 'group', 'aria-label': label }, ...content);

/** Creates a table in a box that scrolls. Only screen readers read the caption. A narrow screen may show the heads beside the cells. */
export function table(caption, head, rows, className = '') {
  return scrollBox(caption, h('table', { className },
    h('thead', {}, h('tr', {}, head.map(text => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, rows.map(cells => h('tr', {}, cells.map((cell, i) =>
      (i === 0 ? h('th', { scope: 'row' }, cell) : h('td', { 'data-head': head[i] }, cell))))))));
}

/** Formats the time since an event in the largest unit that fits. */
export function ago(seconds) {
  const units = [[86400, 'd'], [3600, 'h'], [60, 'min']];
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(Math.max(0, seconds) / size)} ${unit} ago`;
}

/** Creates a field for a file. The user can choose the same file again after the file has changed. */
export function fileField(accept, take) {
  const input = h('input', { type: 'file', accept, onclick: () => { input.value = ''; }, onchange: () => input.files[0] && take(input.files[0]) });
  return input;
}

/** Shows a file in a file field, as if the user had chosen it there. No handler runs. */
export function showFile(input, file) {
  const data = new DataTransfer();
  data.items.add(file);
  input.files = data.files;
}

/** Creates a link that downloads content as a file. */
export function downloadLink(text, blob, name) {
  const link = h('a', { href: '#', download: name, onclick: start }, text);
  function start() {
    const url = URL.createObjectURL(blob);
    link.href = url;
    setTimeout(() => { URL.revokeObjectURL(url); link.href = '#'; }, 10_000);
  }
  return link;
}
