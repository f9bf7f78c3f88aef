import { call, keyChanged, postJson } from './api.js';
import { ago, downloadLink, field, h, oneLine, startOf, startOfBlob, write } from './dom.js';
import { suggestedBody } from './samples.js';
import { turns } from './turns.js';
import { versionOptions } from './versions.js';
import { emptyBody } from './widgets/tensors.js';

const period = 1000;
const listPeriod = 10_000;
const pageSize = 25;
/** The maximum number of characters of a result that are shown. */
const mostText = 20_000;
const finished = ['succeeded', 'failed', 'cancelled'];
const known = new Map();
const turn = turns();
let timer = 0;
let isLooking = false;
let isSubmitting = false;
let continuation = null;
let hasPaged = false;
/** Whether the page shows the jobs of all callers, which needs the admin key. */
let isListed = false;
/** Whether the server can run jobs, which need a storage account. */
let canRun = false;

const select = h('select', { onchange: () => { forgetError(); showVersions(); fillSample(); } });
const version = h('select', { onchange: () => { forgetError(); if (text.value === sample) fillSample(); } });
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
  const isLast = turn();
  const answer = await call('models');
  if (!isLast()) return;
  canRun = answer.ok && !answer.body.jobsProblem;
  submitButton.disabled = select.disabled = version.disabled = text.disabled = answer.ok && !canRun;
  tell(canRun ? answer : { ok: false, message: answer.body?.jobsProblem ?? answer.message });
  if (canRun) await Promise.all([fillModels(answer), list(null, true)]);
}

async function fillModels(answer) {
  const before = select.value;
  ({ models } = answer.body);
  select.replaceChildren(...models.map(model => h('option', {}, model.name)));
  const first = models.find(model => model.versions.some(({ state }) => state === 'ready')) ?? models[0];
  select.value = models.some(model => model.name === before) ? before : first?.name;
  showVersions();
  if (!text.value || (text.value === sample && select.value !== before)) await fillSample();
  return null;
}

/** A model with one version has no choice. The version that was chosen stays when it is still there. */
function showVersions() {
  const options = versionOptions(models.find(model => model.name === select.value)?.versions ?? [], 'default');
  const before = version.value;
  version.replaceChildren(...options);
  version.value = options.some(({ value }) => value === before) && version.model === select.value ? before : '';
  version.model = select.value;
  // With the default, a model with one version has two options.
  versionField.hidden = options.length < 3;
}

/** Suggests a body for the chosen model. A suggestion that arrives after the user has typed or chosen something else is dropped. */
async function fillSample() {
  if (!select.value) return;
  const before = [select.value, version.value, text.value];
  const answer = await call(`models/${encodeURIComponent(select.value)}${version.value ? `?version=${version.value}` : ''}`);
  const model = answer.body;
  if (!answer.ok || !model.inputs || [select.value, version.value, text.value].some((value, i) => value !== before[i])) return;
  text.value = suggestedBody(model);
  text.placeholder = emptyBody(model);
  sample = text.value;
}

/** @param after the continuation of the previous page; null for the first page. */
async function list(after, isQuiet) {
  const begun = performance.now();
  const answer = await call(`jobs?limit=${pageSize}${after ? `&continuation=${encodeURIComponent(after)}` : ''}`, { silent: isQuiet, admin: true });
  access.hidden = answer.status !== 401;
  isListed = answer.ok || (isListed && answer.status !== 401);
  if (!answer.ok) return answer.status === 401 ? null : tell(answer);
  // Jobs of the first page are added from the oldest on, because each one is put at the top. Jobs of later pages are put at the end.
  const isNext = after !== null;
  for (const job of isNext ? answer.body.jobs : answer.body.jobs.toReversed()) take(job, isNext, begun);
  hasPaged ||= isNext;
  // A refresh of the first page must not change where the next page begins.
  if (isNext || !hasPaged) continuation = answer.body.continuation ?? null;
  more.hidden = !continuation;
  return null;
}

/** Submits the job once, however often the button is clicked meanwhile. */
async function submit() {
  if (isSubmitting) return;
  isSubmitting = true;
  submitButton.setAttribute('aria-disabled', 'true');
  const begun = performance.now();
  const answer = await postJson(`models/${encodeURIComponent(select.value)}${version.value ? `/versions/${version.value}` : ''}/jobs`, text.value);
  isSubmitting = false;
  submitButton.removeAttribute('aria-disabled');
  tell(answer);
  if (answer.ok) take(answer.body, false, begun);
}

async function cancel(id) {
  const begun = performance.now();
  const answer = await call(`jobs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  tell(answer);
  if (answer.ok) take(answer.body, false, begun);
}

/** Hides the error of a job for another model or version. */
const forgetError = () => tell({ ok: true, message: '' });

function tell(answer) {
  said.hidden = answer.ok;
  said.textContent = answer.message;
}

/**
 * Shows the state of a job, unless the response to a later call is shown already.
 * @param begun the time when the call of this response began, in milliseconds since the page was opened.
 */
function take(job, isLast, begun) {
  const view = known.get(job.id) ?? create(job, isLast);
  if (begun < view.begun) return;
  if (view.status !== job.status) news.textContent = `Job ${job.id} of ${job.model}: ${job.status}.`;
  [view.status, view.begun] = [job.status, begun];
  write(view.model, job.version ? `${job.model}, version ${job.version}` : job.model);
  write(view.state, job.status);
  view.state.className = `state ${job.status}`;
  [view.job, view.read] = [job, Date.now()];
  write(view.times, progress(view));
  view.times.title = ['created', 'started', 'finished'].filter(name => job[name]).map(name => `${name} ${new Date(job[name]).toLocaleString()}`).join(', ');
  view.cancel.hidden = finished.includes(job.status);
  view.result.hidden = job.status !== 'succeeded';
  if (job.result) showResult(view, job.result);
  showFailure(view, job);
  clearTimeout(timer);
  timer = setTimeout(look, period);
}

/** Shows why a job has failed, or why the last attempt of a job that waits for its next attempt has failed. */
function showFailure(view, { error, retry }) {
  const reason = ({ code, message }) => `${code}: ${message}`;
  const text = error ? reason(error) : retry ? `attempt ${retry.attempt} of ${retry.maxAttempts} failed: ${reason(retry.error)}` : '';
  if (text === view.failure) return;
  view.failure = text;
  view.error.replaceChildren(...(text ? [oneLine(text)] : []));
}

/** Updates the ages of the jobs, which grow even if no state changes. */
function showTimes() {
  for (const view of known.values()) write(view.times, progress(view));
}

/** Describes the progress of a job. The server's age is preferred, because it does not depend on this machine's clock. */
function progress({ job, read }) {
  const since = time => (Date.now() - new Date(time)) / 1000;
  const attempts = job.attempts > 1 ? `, attempt ${job.attempts}` : '';
  if (job.finished) {
    const age = job.ageSeconds === undefined ? since(job.created) : job.ageSeconds + (Date.now() - read) / 1000;
    return `created ${ago(age)}${attempts}, took ${spanOf(job)}`;
  }
  if (job.retry) return `waiting for attempt ${job.retry.attempt + 1} of ${job.retry.maxAttempts}`;
  return job.started ? `running for ${Math.max(0, Math.round(since(job.started)))} s${attempts}` : `waiting for ${Math.max(0, Math.round(since(job.created)))} s`;
}

/**
 * Formats the time that a job took. The storage cuts the end of a job to a whole second. On average, the end is therefore half a second
 * later.
 */
function spanOf({ created, started, finished }) {
  const seconds = (new Date(finished) - new Date(started ?? created)) / 1000;
  return seconds <= 0 ? 'less than 1 s' : `about ${Math.max(1, Math.round(seconds + 0.5))} s`;
}

function create(job, isLast) {
  const view = {
    begun: 0, failure: '', hasResult: false,
    model: h('span'), state: h('span'), times: h('span', { className: 'hint' }), error: h('div'), json: h('pre', { tabIndex: 0, role: 'group', 'aria-label': `Result of job ${job.id}` }),
    cancel: h('button', { type: 'button', 'aria-label': `Cancel job ${job.id}`, onclick: () => cancel(job.id) }, 'Cancel'),
  };
  view.result = h('details', { ontoggle: () => view.result.open && !view.hasResult && fetchResult(view, job.id) }, h('summary', {}, 'Result'), view.json);
  const item = h('li', {}, h('div', { className: 'row' }, h('code', {}, job.id), view.model, view.state, view.times, view.cancel), view.error, view.result);
  if (isLast) jobs.append(item);
  else jobs.prepend(item);
  known.set(job.id, view);
  return view;
}

async function fetchResult(view, id) {
  view.hasResult = true;
  view.json.textContent = 'Loading …';
  const answer = await call(`jobs/${encodeURIComponent(id)}/result`, { blob: true });
  // A failed call is repeated when the result is opened again.
  view.hasResult = answer.ok;
  showText(view, answer.ok ? await startOfBlob(answer.blob, mostText) : answer.message, answer.blob?.size ?? 0);
  if (answer.blob?.size > mostText) view.json.after(downloadLink('Download the whole result', answer.blob, `${id}.json`));
}

function showResult(view, result) {
  view.hasResult = true;
  const whole = JSON.stringify(result);
  showText(view, startOf(whole, mostText), whole.length);
}

function showText(view, text, size) {
  write(view.json, size > mostText ? `${text} …` : text);
}

/** Fetches the states of unfinished jobs while the page is visible. */
async function look() {
  if (isLooking) return;
  isLooking = true;
  for (const [id, view] of known) {
    if (document.hidden || finished.includes(view.status)) continue;
    const begun = performance.now();
    const answer = await call(`jobs/${encodeURIComponent(id)}`, { quiet: true });
    if (answer.ok) take(answer.body, false, begun);
    else tell(answer);
  }
  isLooking = false;
  clearTimeout(timer);
  if ([...known.values()].some(view => !finished.includes(view.status))) timer = setTimeout(look, period);
}
