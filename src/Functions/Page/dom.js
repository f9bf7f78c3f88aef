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
  if (size !== 0 && Number.isFinite(size) && (size < least || size >= most)) return number.toExponential(2);
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

/** Replaces the children of an element. Opened lines stay open, and the focus stays on the element with the same name. */
export function redraw(holder, children) {
  const nameOf = element => element.getAttribute('aria-label') ?? element.textContent;
  const focused = holder.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const open = [...holder.querySelectorAll('.one-line.open .line')].map(line => line.textContent);
  holder.replaceChildren(...children);
  for (const line of holder.querySelectorAll('.one-line .line')) if (open.includes(line.textContent)) line.nextSibling?.click();
  if (focused) [...holder.querySelectorAll('a, button')].find(element => nameOf(element) === focused)?.focus();
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

/** Creates a table in a box that scrolls sideways. Only screen readers read the caption. */
export function table(caption, head, rows, className = '') {
  return h('div', { className: 'scroll', tabIndex: 0, role: 'group', 'aria-label': caption },
    h('table', { className },
      h('thead', {}, h('tr', {}, head.map(text => h('th', { scope: 'col' }, text)))),
      h('tbody', {}, rows.map(cells => h('tr', {}, cells.map((cell, i) => (i === 0 ? h('th', { scope: 'row' }, cell) : h('td', {}, cell))))))));
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
