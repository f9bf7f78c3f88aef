import { h, svg, write } from './dom.js';

/** The size and margins of the picture, in its own units. The margin at the sides leaves room for labels that are wider than their bars. */
const [width, height, foot, head, side] = [360, 150, 24, 14, 24];

/** The height of the smallest bar. On a narrow screen, this is one pixel. */
const least = 1.5;

/** The width of a letter, including its share of the gap between two labels. */
const letter = 7.2;

/** Creates a bar chart, which is redrawn after each reading of the statistics. */
export function chart(title, empty) {
  const words = h('p', { className: 'hint' }, empty);
  const holder = h('div');
  let drawn = '';
  return {
    element: h('figure', { className: 'chart' }, h('figcaption', {}, title), holder, words),
    /**
     * @param {{label: string, value: number}[]} bars
     * @param {string} summary the bars in words
     */
    draw(bars, summary) {
      const now = JSON.stringify([bars, summary]);
      if (now === drawn) return;
      drawn = now;
      write(words, summary || empty);
      holder.replaceChildren(...(bars.length ? [picture(title, bars, summary)] : []));
    },
  };
}

function picture(title, bars, summary) {
  const most = Math.max(...bars.map(bar => bar.value), 1);
  const step = (width - 2 * side) / bars.length;
  // Labels must not overlap, so the longest label decides how many bars have one.
  const longest = Math.max(...bars.map(bar => bar.label.length));
  const every = Math.ceil(longest * letter / step);
  const parts = bars.flatMap(({ label, value }, i) => {
    const size = value ? Math.max(least, (height - foot - head) * value / most) : 0;
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
