import { duration, h, sizeBar, write } from './dom.js';

const parts = [
  ['queue', 'waiting in the queue'], ['input', 'reading and preparing inputs'], ['run', 'running the model'], ['output', 'encoding outputs'],
  ['rest', 'loading the model or other work']];

/** Parts that add up to this much of the whole are those of runs at the same time, and not of measurements a little apart. */
const overlapping = 1.1;

/** The fewest requests that say which step is slow. A single one may have waited for a load or for a cold cache. */
const enough = 20;

const measured = parts.slice(0, -1).map(([name]) => name);

/** Shows how the time of a request is divided between its steps, as a bar and in words. */
export function timesView() {
  const bar = h('div', { className: 'parts', 'aria-hidden': 'true' }, parts.map(([name]) => h('span', { className: `part-${name}` })));
  const words = h('p', { className: 'hint' }, 'No requests yet.');
  const legend = h('dl', { className: 'legend', hidden: true }, parts.map(([name, label]) =>
    h('div', {}, h('dt', {}, h('span', { className: `dot part-${name}`, 'aria-hidden': 'true' }), label), h('dd', {}))));
  bar.hidden = true;

  /** @param totals the totals of the model's versions since the server's start */
  function draw(totals) {
    const sum = add(totals);
    bar.hidden = legend.hidden = !sum;
    write(words, sum ? slowest(sum) : 'No requests yet.');
    if (!sum) return;
    const whole = parts.reduce((all, [name]) => all + sum[name], 0) || 1;
    parts.forEach(([name], i) => {
      sizeBar(bar.children[i], sum[name] / whole);
      write(legend.children[i].lastChild, duration(sum[name] / sum.succeeded));
    });
  }

  return { element: h('figure', { className: 'chart wide' }, h('figcaption', {}, 'Where the time goes'), bar, legend, words), draw };
}

function add(totals) {
  const known = totals.filter(total => total?.succeeded);
  if (!known.length) return null;
  const sum = Object.fromEntries([...measured, 'succeeded', 'seconds'].map(name => [name, known.reduce((sum, total) => sum + total[name], 0)]));
  return { ...sum, rest: Math.max(0, sum.seconds - measured.reduce((all, name) => all + sum[name], 0)) };
}

/** Returns a sentence about the step that takes the most time. */
function slowest(sum) {
  const average = `A request takes ${duration(sum.seconds / sum.succeeded)} on average`;
  if (sum.succeeded < enough) return `${average}. After ${enough} requests, this shows what takes most of the time.`;
  const [name, label] = parts.toSorted((a, b) => sum[b[0]] - sum[a[0]])[0];
  const advice = name === 'queue' ? ' Requests wait for each other: see the batch contract, or add instances.' : '';
  const overlap = measured.reduce((all, part) => all + sum[part], 0) > sum.seconds * overlapping ? ' Its runs overlap, so their times add up to more.' : '';
  return `${average}, most of it ${label}.${overlap}${advice}`;
}

export const slowestOf = totals => {
  const sum = add(totals);
  return sum ? slowest(sum) : null;
};
