import { call } from './api.js';
import { chart } from './charts.js';
import { bytes, counted, duration, field, h, oneLine, ownWords } from './dom.js';
import { predictView } from './predict.js';
import { keepFocus, redraw } from './redraw.js';
import { typeOf } from './samples.js';
import { batchingFacts } from './sharing.js';
import { latencies, live } from './stats.js';
import { timesView } from './times.js';
import { turns } from './turns.js';
import { describeNotServed, isServed, snapshotOf, versionOptions } from './versions.js';

/** The maximum number of batch sizes that the words below the chart name. */
const namedSizes = 8;

/** Shows one model: its inputs and outputs, a form for a request, and its statistics. */
export function detailView(name, listed) {
  const warnings = h('details', { className: 'warnings', open: true, hidden: true });
  const failures = h('div', { role: 'alert', className: 'refused' });
  const head = h('div', { className: 'facts-row' });
  const body = h('div', {}, h('p', { role: 'status' }, `Loading ${name} …`));
  const charts = { latency: chart('Latency', 'No requests yet.'), batch: chart('Batch sizes', 'No runs yet.') };
  const times = timesView();
  let known = listed;
  let model = null;
  let isLoaded = false;
  /** A snapshot of the versions of a model that could not be described; null for none. A change of the versions starts another attempt. */
  let failedVersions = null;
  /** The version in the form: its description, and its number as the user has chosen it, which is null for the default. */
  let shown = null;
  /** A snapshot of the versions whose facts were drawn last. */
  let drawn = '';
  let predict = null;
  const turn = turns();
  /** The version that the user has chosen in vain, with the reason; null for none. */
  let refused = null;
  /** The chosen version in whose place the default version is shown, because the former is no longer served; null for none. */
  let lost = null;
  let isReading = false;
  /** The versions that were described so far, by their numbers as texts. */
  const described = new Map();

  async function load() {
    failedVersions = null;
    const answer = await call(`models/${encodeURIComponent(name)}`);
    model = answer.body;
    if (answer.ok) refresh(model);
    if (!answer.ok || !model.inputs) {
      failedVersions = snapshotOf(known?.versions ?? []);
      const reason = answer.message || model.versions.findLast(isServed)?.reason || 'It does not load.';
      body.replaceChildren(h('div', { role: 'alert' }, oneLine(ownWords(reason))), warnings);
      return;
    }
    isLoaded = true;
    described.set(`${model.version}`, model);
    show(model, `models/${model.name}`, null);
  }

  /** @param version null for the version that serves requests without a version. */
  function show(description, route, version) {
    refused = lost = null;
    shown = { model: description, version };
    predict?.leave();
    predict = predictView(description, route, async (number, labels) => (await findLabelled(number, labels)) ?? { ...description, labels: [] }, predict?.input() ?? null);
    drawn = snapshotOf(known.versions);
    keepFocus(body, () => {
      head.replaceChildren(...facts());
      body.replaceChildren(head, failures, warnings, predict.element,
        h('div', { className: 'charts' }, charts.latency.element, charts.batch.element, times.element));
    });
    showFailures();
    draw();
  }

  const defaultVersion = () => `${known.versions.find(one => one.default)?.version ?? model.version}`;

  /** Whether the user can choose a version, by its number as a text. */
  const isOffered = version => known.versions.some(one => isServed(one) && `${one.version}` === version);

  /** Returns the choice of a version, and the facts about the version in the form. */
  const facts = () => [chooser(shown.version), factList(shown.model, known)].filter(part => part);

  /** Shows the choice and the facts again after the list of models has changed. */
  function drawFacts() {
    const now = snapshotOf(known.versions);
    if (now === drawn) return;
    drawn = now;
    redraw(head, facts);
  }

  function chooser(version) {
    const options = versionOptions(known.versions, `default (${defaultVersion()})`);
    // With the default, a model with one version has two options.
    if (options.length < 3) return null;
    // A version that does not load leaves the form with the version that it has.
    const select = h('select', { onchange: async () => { if (!await choose(select.value)) select.value = version ?? ''; } }, options);
    select.value = version ?? '';
    return field('Version', select);
  }

  /**
   * Shows another version, which may have other inputs, labels and examples.
   * @returns whether the choice holds: the version is shown, or the user has meanwhile chosen another one.
   */
  async function choose(version) {
    const isLast = turn();
    const { model: chosen, reason } = await find(version);
    if (!isLast()) return true;
    if (chosen) {
      show(chosen, `models/${model.name}${version ? `/versions/${version}` : ''}`, version || null);
      return true;
    }
    refused = { version: version || defaultVersion(), reason };
    showFailures();
    return false;
  }

  /** Shows the default version in place of the chosen one, which is no longer served. */
  async function replaceLost() {
    const before = shown;
    described.delete(before.version);
    // If the default version does not load either, the server's response to a request says why.
    const { model: current = model } = await find('');
    // The user may have chosen another version meanwhile.
    if (shown !== before) return;
    show(current, `models/${model.name}`, null);
    lost = before.version;
    showFailures();
  }

  /** Shows the default version in a form for an earlier default version. */
  async function followDefault() {
    const before = shown;
    const { model: current, reason } = await find('');
    // The user may have chosen another version meanwhile.
    if (shown !== before) return;
    if (current) return show(current, `models/${model.name}`, null);
    refused = { version: defaultVersion(), reason };
    showFailures();
  }

  /** Whether requests without a version go to another version than the one whose form is shown. */
  const isOutdated = () => shown?.version === null && defaultVersion() !== `${shown.model.version}`;

  /** Shows why the version that the user has chosen and the newest version cannot be used, and whether the form is for an earlier default. */
  function showFailures() {
    const newest = known.versions.findLast(isServed);
    const failed = [refused, newest?.state === 'failed' && `${newest.version}` !== refused?.version ? newest : null].filter(one => one?.reason);
    const texts = failed.map(({ version, reason }) => `Version ${version}: ${ownWords(reason)}`);
    if (lost && !isOffered(lost)) texts.unshift(`Version ${lost} is no longer served. The form calls the default version.`);
    const isEarlier = isOutdated();
    if (isEarlier) texts.unshift(`The default version is now ${defaultVersion()}. The form is for version ${shown.model.version}.`);
    if (texts.join() !== [...failures.querySelectorAll('.line')].map(line => line.textContent).join())
      redraw(failures, () => [
        ...texts.map(text => oneLine(text)),
        ...(isEarlier ? [h('button', { type: 'button', onclick: followDefault }, `Show version ${defaultVersion()}`)] : [])]);
  }

  /**
   * Fetches the description of a version, or the reason why the version cannot be used.
   * @param version the number as a text; empty for the default version, which may be another one than at the previous call.
   */
  async function find(version) {
    if (!version && known.versions.some(one => one.default && one.version === model.version)) return { model };
    if (described.has(version)) return { model: described.get(version) };
    const answer = await call(`models/${encodeURIComponent(name)}${version ? `?version=${version}` : ''}`);
    if (answer.ok && answer.body.inputs) {
      described.set(`${answer.body.version}`, answer.body);
      if (!version) known = model = answer.body;
      return { model: answer.body };
    }
    return { reason: answer.message || answer.body?.versions?.find(one => `${one.version}` === version)?.reason || 'It does not load.' };
  }

  /** Returns the description of the version that answered. A version that was replaced has other labels, so it is described again. */
  async function findLabelled(version, labels) {
    const former = described.get(version)?.labels;
    if (former && Array.isArray(labels?.[0]) && labels.flat().some(entry => entry && !former.includes(entry.label))) described.delete(version);
    return (await find(version)).model;
  }

  /** Shows the warnings about the settings from the latest list of models. */
  function refresh(listed) {
    known = listed ?? known;
    // The reason is out of date when the version has loaded since.
    if (refused && known.versions.find(one => `${one.version}` === refused.version)?.state === 'ready') refused = null;
    const list = known?.warnings ?? [];
    warnings.hidden = !list.length;
    redraw(warnings, () => [
      h('summary', {}, `${counted(list.length, 'warning')} about the settings`),
      h('ul', {}, list.map(warning => h('li', {}, h('code', {}, place(warning)), warning.message)))]);
    if (isLoaded) {
      showFailures();
      if (shown.version && !isOffered(shown.version)) replaceLost();
      else drawFacts();
    } else if (failedVersions !== null && failedVersions !== snapshotOf(known?.versions ?? [])) {
      load();
    }
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

function factList(model, known) {
  const tensors = list => list.map(tensor => `${tensor.name} ${typeOf(tensor)}`).join(', ');
  const version = known.versions.find(one => one.version === model.version);
  const fact = (name, value) => (value ? h('div', {}, h('dt', {}, name), h('dd', {}, value)) : null);
  return h('dl', { className: 'facts' },
    fact('Version', `${model.version}`), fact('Task', model.task), fact('Size', version && bytes(version.size)),
    fact('Inputs', tensors(model.inputs)), fact('Outputs', tensors(model.outputs)), fact('Batching', batchingFacts(version?.batching)),
    fact('Not served', describeNotServed(known.versions)));
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
