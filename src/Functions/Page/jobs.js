import { call, keyChanged, postJson } from './api.js';
import { ago, downloadLink, field, h, oneLine } from './dom.js';
import { bodyOf, isLarge, sampleOf } from './samples.js';

const period = 1000;
const listPeriod = 10_000;
const pageSize = 25;
/** The maximum number of characters of a result that are shown. */
const mostText = 20_000;
const finished = ['succeeded', 'failed', 'cancelled'];
const known = new Map();
let timer = 0;
let continuation = null;
let hasPaged = false;
/** Whether the page shows the jobs of all callers, which needs the admin key. */
let isListed = false;
/** Whether the server can run jobs, which need a storage account. */
let canRun = false;

const select = h('select', { onchange: () => { showVersions(); fillSample(); } });
const version = h('select', { onchange: () => text.value === sample && fillSample() });
const versionField = field('Version', version);
let models = [];
/** The body that the form was filled with. */
let sample = '';
const text = h('textarea', { rows: 4, spellcheck: false });
const submitButton = h('button', { className: 'primary' }, 'Submit');
const said = h('p', { role: 'alert', className: 'error', hidden: true });
const jobs = h('ul', { className: 'jobs', 'aria-label': 'Jobs' });
const news = h('p', { role: 'status', className: 'hint' }, 'No jobs yet.');
const more = h('button', { type: 'button', hidden: true, onclick: () => list(continuation, false) }, 'More jobs');
const access = h('div', { className: 'row', hidden: true }, h('span', { className: 'hint' }, 'Only jobs of this tab are shown. The admin key lists all jobs.'),
  h('button', { type: 'button', onclick: () => list(null, false) }, 'List all jobs'));

/** Shows the page of jobs: predictions that run from a queue. */
export async function showJobs(section, _, isFirst) {
  if (isFirst) {
    section.append(
      h('h2', {}, 'Jobs'),
      h('p', {}, 'A job is a prediction that is stored now, runs when the queue gets to it, and is looked up later.'),
      h('form', { onsubmit: event => { event.preventDefault(); submit(); } },
        said, field('Model', select), versionField, field('Body of a predict call', text), submitButton),
      access, news, jobs, more);
    setInterval(() => document.hidden || section.hidden || !isListed || list(null, true), listPeriod);
    setInterval(() => document.hidden || section.hidden || showTimes(), period);
    addEventListener(keyChanged, () => section.hidden || !canRun || list(null, true));
  }
  const answer = await call('models');
  canRun = answer.ok && !answer.body.jobsProblem;
  submitButton.disabled = select.disabled = version.disabled = text.disabled = answer.ok && !canRun;
  tell(canRun ? answer : { ok: false, message: answer.body?.jobsProblem ?? answer.message });
  if (canRun) await Promise.all([fillModels(answer), list(null, true)]);
}

async function fillModels(answer) {
  const before = select.value;
  ({ models } = answer.body);
  select.replaceChildren(...models.map(model => h('option', {}, model.name)));
  const first = models.find(model => model.versions.at(-1)?.state === 'ready') ?? models[0];
  select.value = models.some(model => model.name === before) ? before : first?.name;
  showVersions();
  if (!text.value) await fillSample();
  return null;
}

/** A model with one version has no choice. The version that was chosen stays when it is still there. */
function showVersions() {
  const numbers = models.find(model => model.name === select.value)?.versions.map(one => `${one.version}`) ?? [];
  const before = version.value;
  version.replaceChildren(h('option', { value: '' }, 'default'), ...numbers.toReversed().map(number => h('option', {}, number)));
  version.value = numbers.includes(before) && version.model === select.value ? before : '';
  version.model = select.value;
  versionField.hidden = numbers.length < 2;
}

/** Suggests a body for the chosen model. A suggestion that arrives after the user has typed or chosen something else is dropped. */
async function fillSample() {
  if (!select.value) return;
  const before = [select.value, version.value, text.value];
  const answer = await call(`models/${encodeURIComponent(select.value)}${version.value ? `?version=${version.value}` : ''}`);
  const model = answer.body;
  if (!answer.ok || !model.inputs || [select.value, version.value, text.value].some((value, i) => value !== before[i])) return;
  text.value = model.takes.includes('text') ? '{"text":"hello"}'
    : bodyOf(model, model.inputs.map(input => (isLarge(model) ? '[]' : JSON.stringify(sampleOf(model, input)))));
  sample = text.value;
}

/** @param after the continuation of the previous page; null for the first page. */
async function list(after, isQuiet) {
  const answer = await call(`jobs?limit=${pageSize}${after ? `&continuation=${encodeURIComponent(after)}` : ''}`, { silent: isQuiet, admin: true });
  access.hidden = answer.status !== 401;
  isListed = answer.ok || (isListed && answer.status !== 401);
  if (!answer.ok) return answer.status === 401 ? null : tell(answer);
  // Jobs of the first page are added from the oldest on, because each one is put at the top. Jobs of later pages are put at the end.
  const isNext = after !== null;
  for (const job of isNext ? answer.body.jobs : answer.body.jobs.toReversed()) take(job, isNext);
  hasPaged ||= isNext;
  // A refresh of the first page must not change where the next page begins.
  if (isNext || !hasPaged) continuation = answer.body.continuation ?? null;
  more.hidden = !continuation;
  return null;
}

async function submit() {
  const answer = await postJson(`models/${encodeURIComponent(select.value)}${version.value ? `/versions/${version.value}` : ''}/jobs`, text.value);
  tell(answer);
  if (answer.ok) take(answer.body, false);
}

async function cancel(id) {
  const answer = await call(`jobs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  tell(answer);
  if (answer.ok) take(answer.body, false);
}

function tell(answer) {
  said.hidden = answer.ok;
  said.textContent = answer.message;
}

function take(job, isLast) {
  const view = known.get(job.id) ?? create(job, isLast);
  if (view.status !== job.status) news.textContent = `Job ${job.id} of ${job.model}: ${job.status}.`;
  view.status = job.status;
  view.model.textContent = job.version ? `${job.model}, version ${job.version}` : job.model;
  view.state.textContent = job.status;
  view.state.className = `state ${job.status}`;
  [view.job, view.read] = [job, Date.now()];
  view.times.textContent = progress(view);
  view.times.title = ['created', 'started', 'finished'].filter(name => job[name]).map(name => `${name} ${new Date(job[name]).toLocaleString()}`).join(', ');
  view.cancel.hidden = finished.includes(job.status);
  view.result.hidden = job.status !== 'succeeded';
  if (job.result) showResult(view, job.result);
  if (job.error && !view.error.firstChild) view.error.append(oneLine(`${job.error.code}: ${job.error.message}`));
  clearTimeout(timer);
  timer = setTimeout(look, period);
}

/** Updates the ages of the jobs, which grow even if no state changes. */
function showTimes() {
  for (const view of known.values()) view.times.textContent = progress(view);
}

/** Describes the progress of a job. The server's age is preferred, because it does not depend on this machine's clock. */
function progress({ job, read }) {
  const since = time => (Date.now() - new Date(time)) / 1000;
  const attempts = job.attempts > 1 ? `, attempt ${job.attempts}` : '';
  if (job.finished) return `created ${ago(job.ageSeconds === undefined ? since(job.created) : job.ageSeconds + (Date.now() - read) / 1000)}${attempts}, took ${((new Date(job.finished) - new Date(job.started ?? job.created)) / 1000).toFixed(0)} s`;
  return job.started ? `running for ${Math.max(0, Math.round(since(job.started)))} s${attempts}` : `waiting for ${Math.max(0, Math.round(since(job.created)))} s`;
}

function create(job, isLast) {
  const view = {
    model: h('span'), state: h('span'), times: h('span', { className: 'hint' }), error: h('div'), json: h('pre', { tabIndex: 0, role: 'group', 'aria-label': `Result of job ${job.id}` }),
    cancel: h('button', { type: 'button', 'aria-label': `Cancel job ${job.id}`, onclick: () => cancel(job.id) }, 'Cancel'),
  };
  view.result = h('details', { ontoggle: () => view.result.open && !view.json.textContent && fetchResult(view, job.id) }, h('summary', {}, 'Result'), view.json);
  const item = h('li', {}, h('div', { className: 'row' }, h('code', {}, job.id), view.model, view.state, view.times, view.cancel), view.error, view.result);
  if (isLast) jobs.append(item);
  else jobs.prepend(item);
  known.set(job.id, view);
  return view;
}

async function fetchResult(view, id) {
  view.json.textContent = 'Loading …';
  const answer = await call(`jobs/${encodeURIComponent(id)}/result`, { blob: true });
  showText(view, answer.ok ? await answer.blob.slice(0, mostText).text() : answer.message, answer.blob?.size ?? 0);
  if (answer.blob?.size > mostText) view.json.after(downloadLink('Download the whole result', answer.blob, `${id}.json`));
}

function showResult(view, result) {
  const whole = JSON.stringify(result);
  showText(view, whole.slice(0, mostText), whole.length);
}

function showText(view, text, size) {
  view.json.textContent = size > mostText ? `${text} …` : text;
}

/** Fetches the states of unfinished jobs while the page is visible. */
async function look() {
  for (const [id, view] of known) {
    if (document.hidden || finished.includes(view.status)) continue;
    const answer = await call(`jobs/${encodeURIComponent(id)}`, { quiet: true });
    if (answer.ok) take(answer.body, false);
    else tell(answer);
  }
  clearTimeout(timer);
  if ([...known.values()].some(view => !finished.includes(view.status))) timer = setTimeout(look, period);
}
