/** An element with properties (on... for events, aria-... and data-... for attributes) and children. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG, where everything is an attribute. */
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

/** A label and its field, tied together. */
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

/** Seconds as people read them. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1e-3) return `${short(seconds * 1e6)} µs`;
  return seconds < 1 ? `${short(seconds * 1e3)} ms` : `${short(seconds)} s`;
}

/** At most three digits. */
export function short(number) {
  return number >= 100 ? `${Math.round(number)}` : `${Number(number.toPrecision(3))}`;
}
