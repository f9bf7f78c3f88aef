import { call } from './api.js';
import { chart } from './charts.js';
import { bytes, duration, h, short } from './dom.js';
import { predictView } from './predict.js';
import { latencies, live, recent, watch } from './stats.js';

const listPeriod = 10_000;

const rows = h('tbody');
const problem = h('p', { role: 'alert', className: 'error', hidden: true });
const detail = h('section', { className: 'detail', 'aria-live': 'off' });
const warnings = h('details', { className: 'warnings', open: true, hidden: true });
let models = [];
let listed = '';
let chosen = '';
let charts = null;

/** The models there are, and the one that is chosen. */
export async function showModels(section, name, isFirst) {
  if (isFirst) {
    section.append(table(), problem, detail);
    await list();
    // Behind the list, which has asked for a key if one is needed.
    watch(update);
    setInterval(() => document.hidden || list(), listPeriod);
  }
  await choose(name || chosen || suggested());
}

/** To ask for a model loads it, so nothing large is loaded unasked: what is ready, or the small one that is made to be drawn for. */
function suggested() {
  const ready = models.find(model => model.versions.some(version => version.state === 'ready'));
  return (models.find(model => model.name === 'digits') ?? ready)?.name ?? '';
}

function table() {
  const head = ['Model', 'Versions', 'Requests/s', 'Latency'].map(text => h('th', { scope: 'col' }, text));
  return h('table', { className: 'models' }, h('caption', {}, 'Models'), h('thead', {}, h('tr', {}, head)), rows);
}

async function list() {
  const answer = await call('models', { quiet: listed !== '' });
  problem.hidden = answer.ok;
  problem.textContent = answer.message;
  if (!answer.ok || JSON.stringify(answer.body) === listed) return;
  listed = JSON.stringify(answer.body);
  models = answer.body.models;
  const focused = document.activeElement?.closest('tr')?.dataset.model;
  rows.replaceChildren(...(models.length ? models.map(row) : [h('tr', {}, h('td', { colSpan: 4 }, 'No models yet: put one into the folder or container that this server reads.'))]));
  mark();
  update('');
  warn(models.find(model => model.name === chosen));
  if (focused) rows.querySelector(`tr[data-model="${focused}"] a`)?.focus();
}

function row(model) {
  return h('tr', { 'data-model': model.name },
    h('th', { scope: 'row' }, h('a', { href: `#models/${model.name}` }, model.name)),
    h('td', {}, h('ul', { className: 'versions' }, model.versions.map(version)),
      model.reason ? h('small', { className: 'error' }, model.reason) : null, hint(model.warnings)),
    h('td', { className: 'number rate' }),
    h('td', { className: 'number latency' }));
}

const version = ({ version, state, size, reason, batching }) => h('li', {},
  h('span', {}, `${version} `), h('span', { className: `state ${state}` }, state), h('span', { className: 'hint' }, ` ${bytes(size)}${shares(batching)}`),
  reason ? h('small', { className: 'error' }, reason) : null);

/** Whether requests share runs, in a few words. */
const SHARING = {
  proven: 'shared runs, proven', declared: 'shared runs, declared', pending: 'shared runs: being examined', notProven: 'no shared runs: not proven',
  none: 'no shared runs', singleItem: 'one item a run',
};

const shares = batching => (batching && !batching.violation ? ` · ${SHARING[batching.contract] ?? batching.contract}` : '');

const counted = list => `${list.length} ${list.length === 1 ? 'warning' : 'warnings'}`;

const hint = list => (list.length ? h('small', { className: 'warning' }, counted(list)) : null);

const place = ({ file, line, path }) => `${file}${line ? `:${line}` : ''}: ${path ? `${path}: ` : ''}`;

/** What the model's settings files say without effect, as it was listed last. */
function warn(model) {
  const list = model?.warnings ?? [];
  warnings.hidden = !list.length;
  warnings.replaceChildren(
    h('summary', {}, `${counted(list)} about the settings`),
    h('ul', {}, list.map(warning => h('li', {}, h('code', {}, place(warning)), warning.message))));
}

function mark() {
  for (const tr of rows.children) {
    if (tr.dataset.model === chosen) tr.setAttribute('aria-current', 'true');
    else tr.removeAttribute('aria-current');
  }
}

async function choose(name) {
  if (name === chosen) return;
  chosen = name;
  charts = null;
  mark();
  if (!name) return detail.replaceChildren(h('p', {}, 'Choose a model.'));
  detail.replaceChildren(h('p', { role: 'status' }, `Loading ${name} …`));
  const answer = await call(`models/${encodeURIComponent(name)}`);
  if (chosen !== name) return;
  const model = answer.body;
  warn(model);
  if (!answer.ok || !model.inputs) {
    const reason = answer.message || model.versions.at(-1)?.reason || 'It does not load.';
    detail.replaceChildren(h('h2', {}, name), h('p', { role: 'alert', className: 'error' }, reason), warnings);
    return;
  }
  charts = { latency: chart('Latency', 'No requests yet.'), batch: chart('Batch sizes', 'No runs yet.') };
  detail.replaceChildren(
    h('h2', {}, name), facts(model), warnings, predictView(model),
    h('div', { className: 'charts' }, charts.latency.element, charts.batch.element));
  list();
}

/** Whether requests share runs, why not, and what can be done about it. */
function batching(known) {
  if (!known) return null;
  const text = [`${SHARING[known.contract] ?? known.contract}.`, known.violation, known.reason, known.advice].filter(part => part).join(' ');
  return h('div', {}, h('dt', {}, 'Batching'), h('dd', {}, text));
}

function facts(model) {
  const tensors = list => list.map(tensor => `${tensor.name} ${tensor.datatype} [${tensor.shape.join(', ')}]`).join(', ');
  return h('dl', { className: 'facts' },
    h('div', {}, h('dt', {}, 'Version'), h('dd', {}, `${model.version}`)),
    h('div', {}, h('dt', {}, 'Takes'), h('dd', {}, tensors(model.inputs))),
    h('div', {}, h('dt', {}, 'Gives'), h('dd', {}, tensors(model.outputs))),
    batching(model.versions.find(({ version }) => version === model.version)?.batching));
}

function update(failure) {
  const server = document.getElementById('server');
  if (server.textContent !== failure) server.textContent = failure;
  for (const model of models) {
    const tr = rows.querySelector(`tr[data-model="${model.name}"]`);
    const each = model.versions.map(version => recent(`${model.name}/${version.version}`));
    const rate = each.reduce((sum, one) => sum + one.rate, 0);
    tr.querySelector('.rate').textContent = rate ? short(rate) : '0';
    tr.querySelector('.latency').textContent = duration(each.find(one => Number.isFinite(one.latency))?.latency ?? NaN);
  }
  draw();
}

async function draw() {
  const shown = charts;
  const model = models.find(model => model.name === chosen);
  if (!shown || !model) return;
  const batches = new Map();
  for (const { version } of model.versions)
    for (const batch of live.get(`${model.name}/${version}`)?.batches ?? [])
      batches.set(batch.batch_size, (batches.get(batch.batch_size) ?? 0) + batch.compute_infer.count);
  const sizes = [...batches].sort((a, b) => a[0] - b[0]).map(([size, count]) => ({ label: `${size}`, value: count }));
  shown.batch.draw(sizes, sizes.length ? `Runs by their items: ${sizes.slice(0, 8).map(bar => `${bar.label}: ${bar.value}×`).join(', ')}` : '');
  await drawLatency(shown.latency, model.name);
}

async function drawLatency(view, name) {
  const histogram = await latencies(name);
  if (!histogram) return view.draw([], 'This server tells means only (see the table).');
  const [from, to] = [histogram.counts.findIndex(count => count > 0), histogram.counts.findLastIndex(count => count > 0)];
  if (from < 0) return view.draw([], '');
  const label = i => (Number.isFinite(histogram.limits[i]) ? `≤ ${duration(histogram.limits[i])}` : 'more');
  const bars = histogram.counts.slice(from, to + 1).map((value, i) => ({ label: label(from + i), value }));
  const total = bars.reduce((sum, bar) => sum + bar.value, 0);
  view.draw(bars, `Requests: ${total}. Median ${quantile(bars, total, 0.5)}, 99th percentile ${quantile(bars, total, 0.99)}.`);
}

function quantile(bars, total, part) {
  let sum = 0;
  return bars.find(bar => (sum += bar.value) >= part * total).label;
}
