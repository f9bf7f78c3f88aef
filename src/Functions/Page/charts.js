import { h, svg } from './dom.js';

/** In the picture's units; labels may be wider than their bars, so the sides stay free. */
const [width, height, foot, head, side] = [360, 150, 24, 14, 24];

/** Width of a letter and its share of the gap between labels. */
const letter = 7.2;

/** A bar chart that is drawn anew with each look at the statistics. */
export function chart(title, empty) {
  const words = h('p', { className: 'hint' }, empty);
  const holder = h('div');
  return {
    element: h('figure', { className: 'chart' }, h('figcaption', {}, title), holder, words),
    /** @param {{label: string, value: number}[]} bars @param {string} summary the same in words */
    draw(bars, summary) {
      words.textContent = summary || empty;
      holder.replaceChildren(...(bars.length ? [picture(title, bars, summary)] : []));
    },
  };
}

function picture(title, bars, summary) {
  const most = Math.max(...bars.map(bar => bar.value), 1);
  const step = (width - 2 * side) / bars.length;
  // Labels must not cover each other: about as many of them as fit, by the longest one.
  const longest = Math.max(...bars.map(bar => bar.label.length));
  const every = Math.ceil(longest * letter / step);
  const parts = bars.flatMap(({ label, value }, i) => {
    const size = (height - foot - head) * value / most;
    const thickness = Math.min(step * 0.8, 48);
    const middle = side + (i + 0.5) * step;
    return [
      svg('rect', { x: middle - thickness / 2, y: height - foot - size, width: thickness, height: size, rx: 2, class: 'bar' }),
      ...(i % every ? [] : [text(middle, height - 8, label)]),
      ...(value && bars.length <= 14 ? [text(middle, height - foot - size - 4, short(value))] : []),
    ];
  });
  const axis = svg('line', { x1: 0, x2: width, y1: height - foot, y2: height - foot, class: 'axis' });
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title}: ${summary}` }, axis, ...parts);
}

const text = (x, y, content) => svg('text', { x, y, 'text-anchor': 'middle' }, content);

const short = value => (value >= 10000 ? `${Math.round(value / 1000)}k` : `${value}`);
