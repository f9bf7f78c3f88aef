import { call } from './api.js';
import { chart } from './charts.js';
import { bytes, counted, duration, field, h, oneLine, ownWords } from './dom.js';
import { predictView } from './predict.js';
import { keepFocus, redraw } from './redraw.js';
import { batchingFacts } from './sharing.js';
import { latencies, live } from './stats.js';
import { timesView } from './times.js';
import { turns } from './turns.js';

/** The maximum number of batch sizes that the words below the chart name. */
const namedSizes = 8;

/** Shows one model: its inputs and outputs, a form for a request, and its statistics. */
export function detailView(name, listed) {
  const warnings = h('details', { className: 'warnings', open: true, hidden: true });
  const failures = h('div', { role: 'alert', className: 'refused' });
  const body = h('div', {}, h('p', { role: 'status' }, `Loading ${name} …`));
  const charts = { latency: chart('Latency', 'No requests yet.'), batch: chart('Batch sizes', 'No runs yet.') };
  const times = timesView();
  let known = listed;
  let model = null;
  let isLoaded = false;
  let predict = null;
  const turn = turns();
  /** The version that the user has chosen in vain, with the reason; null for none. */
  let refused = null;
  let isReading = false;
  /** The versions that were described so far, by number. */
  const described = new Map();

  async function load() {
    const answer = await call(`models/${encodeURIComponent(name)}`);
    model = answer.body;
    if (answer.ok) refresh(model);
    if (!answer.ok || !model.inputs) {
      const reason = answer.message || model.versions.at(-1)?.reason || 'It does not load.';
      body.replaceChildren(h('div', { role: 'alert' }, oneLine(ownWords(reason))), warnings);
      return;
    }
    isLoaded = true;
    described.set(model.version, model);
    show(model, `models/${model.name}`, null);
  }

  /** @param version null for the version that serves requests without a version. */
  function show(shown, route, version) {
    refused = null;
    predict?.leave();
    predict = predictView(shown, route, async number => (await find(number)).model ?? { ...shown, labels: [] }, predict?.input() ?? null);
    keepFocus(body, () => body.replaceChildren(
      facts(shown, known, chooser(version)), failures, warnings, predict.element,
      h('div', { className: 'charts' }, charts.latency.element, charts.batch.element, times.element)));
    showFailures();
    draw();
  }

  function chooser(version) {
    if (known.versions.length < 2) return null;
    // A version that does not load leaves the form with the version that it has.
    const select = h('select', { onchange: async () => { if (!await choose(select.value)) select.value = version ?? ''; } },
      h('option', { value: '' }, `default (${model.version})`),
      known.versions.toReversed().map(({ version: number, state }) => h('option', { value: `${number}` }, `${number}${state === 'failed' ? ' (failed)' : ''}`)));
    select.value = version ?? '';
    return field('Version', select);
  }

  /**
   * Shows another version, which may have other inputs, labels and examples.
   * @returns whether the choice holds: the version is shown, or the user has meanwhile chosen another one.
   */
  async function choose(version) {
    const isLast = turn();
    const { model: chosen, reason } = version ? await find(Number(version)) : { model };
    if (!isLast()) return true;
    if (chosen) {
      show(chosen, `models/${model.name}${version ? `/versions/${version}` : ''}`, version || null);
      return true;
    }
    refused = { version: Number(version), reason };
    showFailures();
    return false;
  }

  /** Shows why the version that the user has chosen and the newest version cannot be used. */
  function showFailures() {
    const newest = known.versions.at(-1);
    const failed = [refused, newest?.state === 'failed' && newest.version !== refused?.version ? newest : null].filter(one => one?.reason);
    const texts = failed.map(({ version, reason }) => `Version ${version}: ${ownWords(reason)}`);
    if (texts.join() !== [...failures.querySelectorAll('.line')].map(line => line.textContent).join())
      redraw(failures, () => texts.map(text => oneLine(text)));
  }

  /** Fetches the description of a version, or the reason why the version cannot be used. */
  async function find(version) {
    if (described.has(version)) return { model: described.get(version) };
    const answer = await call(`models/${encodeURIComponent(name)}?version=${version}`);
    if (answer.ok && answer.body.inputs) {
      described.set(version, answer.body);
      return { model: answer.body };
    }
    return { reason: answer.message || answer.body?.versions?.find(one => one.version === version)?.reason || 'It does not load.' };
  }

  /** Shows the warnings about the settings from the latest list of models. */
  function refresh(listed) {
    known = listed ?? known;
    // The reason is out of date when the version has loaded since.
    if (refused && known.versions.find(one => one.version === refused.version)?.state === 'ready') refused = null;
    const list = known?.warnings ?? [];
    warnings.hidden = !list.length;
    redraw(warnings, () => [
      h('summary', {}, `${counted(list.length, 'warning')} about the settings`),
      h('ul', {}, list.map(warning => h('li', {}, h('code', {}, place(warning)), warning.message)))]);
    if (isLoaded) showFailures();
  }

  function draw() {
    if (!isLoaded) return;
    const batches = new Map();
    for (const { version } of known.versions)
      for (const batch of live.get(`${name}/${version}`)?.batches ?? [])
        batches.set(batch.batch_size, (batches.get(batch.batch_size) ?? 0) + batch.compute_infer.count);
    const sizes = [...batches].sort((a, b) => a[0] - b[0]).map(([size, count]) => ({ label: `${size}`, value: count }));
    const named = sizes.slice(0, namedSizes).map(bar => `${bar.label}: ${bar.value}×`).join(', ');
    charts.batch.draw(sizes, sizes.length ? `Runs by their items: ${named}${sizes.length > namedSizes ? ', …' : ''}` : '');
    times.draw(known.versions.map(({ version }) => live.get(`${name}/${version}`)?.total));
    drawTimes();
  }

  /** Draws the histogram. A reading that takes longer than the period is not started again. */
  async function drawTimes() {
    if (isReading) return;
    isReading = true;
    await drawLatency(charts.latency, name);
    isReading = false;
  }

  /** Ends what goes on in the form before another model is shown. */
  const leave = () => predict?.leave();

  return { element: h('section', { 'aria-label': name }, h('h2', {}, name), body), load, refresh, draw, leave };
}

const place = ({ file, line, path }) => `${file}${line ? `:${line}` : ''}: ${path ? `${path}: ` : ''}`;

function facts(model, known, chooser) {
  const tensors = list => list.map(tensor => `${tensor.name} ${tensor.datatype} [${tensor.shape.join(', ')}]`).join(', ');
  const version = known.versions.find(one => one.version === model.version);
  const fact = (name, value) => (value ? h('div', {}, h('dt', {}, name), h('dd', {}, value)) : null);
  return h('div', { className: 'facts-row' }, chooser, h('dl', { className: 'facts' },
    fact('Version', `${model.version}`), fact('Task', model.task), fact('Size', version && bytes(version.size)),
    fact('Takes', tensors(model.inputs)), fact('Gives', tensors(model.outputs)), fact('Batching', batchingFacts(version?.batching))));
}

async function drawLatency(view, name) {
  const histogram = await latencies(name);
  if (!histogram) return view.draw([], 'This server reports means only, below.');
  const [from, to] = [histogram.counts.findIndex(count => count > 0), histogram.counts.findLastIndex(count => count > 0)];
  if (from < 0) return view.draw([], '');
  const label = i => (Number.isFinite(histogram.limits[i]) ? `≤ ${duration(histogram.limits[i])}` : 'more');
  const bars = histogram.counts.slice(from, to + 1).map((value, i) => ({ label: label(from + i), value }));
  const total = bars.reduce((sum, bar) => sum + bar.value, 0);
  return view.draw(bars, `Requests: ${total}. Median ${quantile(bars, total, 0.5)}, 99th percentile ${quantile(bars, total, 0.99)}.`);
}

function quantile(bars, total, part) {
  let sum = 0;
  return bars.find(bar => (sum += bar.value) >= part * total).label;
}
