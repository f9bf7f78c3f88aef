import { call, postJson } from './api.js';
import { field, h } from './dom.js';
import { bodyOf, sampleOf } from './samples.js';

const period = 1000;
const finished = ['succeeded', 'failed', 'cancelled'];
const jobs = new Map();
let timer = 0;

const select = h('select', { onchange: fillSample });
const text = h('textarea', { rows: 4, spellcheck: false });
const said = h('p', { role: 'alert', className: 'error', hidden: true });
const listed = h('ul', { className: 'jobs', 'aria-label': 'Jobs of this tab' });
const news = h('p', { role: 'status', className: 'hint' }, 'No jobs yet.');

/** Predictions that run when the queue gets to them. */
export async function showJobs(section, _, isFirst) {
  if (isFirst) {
    section.append(
      h('h2', {}, 'Jobs'),
      h('p', {}, 'A job is a prediction that is stored now, runs when the queue gets to it, and is looked up later.'),
      h('form', { onsubmit: event => { event.preventDefault(); submit(); } },
        field('Model', select), field('Body of a predict call', text), h('button', { className: 'primary' }, 'Submit'), said),
      news, listed);
  }
  const answer = await call('models');
  tell(answer);
  if (!answer.ok) return;
  const before = select.value;
  select.replaceChildren(...answer.body.models.map(model => h('option', {}, model.name)));
  if (answer.body.models.some(model => model.name === before)) select.value = before;
  if (!text.value) await fillSample();
}

async function fillSample() {
  if (!select.value) return;
  const answer = await call(`models/${select.value}`);
  if (answer.ok && answer.body.inputs)
    text.value = bodyOf(answer.body, answer.body.inputs.map(input => JSON.stringify(sampleOf(answer.body, input))));
}

async function submit() {
  const answer = await postJson(`models/${select.value}/jobs`, text.value);
  tell(answer);
  if (answer.ok) take(answer.body);
}

async function cancel(id) {
  const answer = await call(`jobs/${id}`, { method: 'DELETE' });
  tell(answer);
  if (answer.ok) take(answer.body);
}

function tell(answer) {
  said.hidden = answer.ok;
  said.textContent = answer.message;
}

function take(job) {
  const view = jobs.get(job.id) ?? create(job);
  if (view.status !== job.status) news.textContent = `Job ${job.id} of ${job.model}: ${job.status}.`;
  view.status = job.status;
  view.state.textContent = job.status;
  view.state.className = `state ${job.status}`;
  view.times.textContent = [['made', job.created], ['begun', job.started], ['ended', job.finished]]
    .filter(([, time]) => time).map(([what, time]) => `${what} ${new Date(time).toLocaleTimeString()}`).join(', ');
  view.cancel.hidden = finished.includes(job.status);
  const outcome = job.result ?? job.error ?? job.resultUrl;
  view.result.hidden = !outcome;
  view.json.textContent = outcome ? JSON.stringify(outcome) : '';
  clearTimeout(timer);
  timer = setTimeout(look, period);
}

function create(job) {
  const view = {
    state: h('span'),
    times: h('span', { className: 'hint' }),
    cancel: h('button', { type: 'button', 'aria-label': `Cancel job ${job.id}`, onclick: () => cancel(job.id) }, 'Cancel'),
    json: h('pre', { tabIndex: 0 }),
  };
  view.result = h('details', {}, h('summary', {}, 'Result'), view.json);
  listed.prepend(h('li', {}, h('div', { className: 'row' }, h('code', {}, job.id), h('span', {}, job.model), view.state, view.times, view.cancel), view.result));
  jobs.set(job.id, view);
  return view;
}

/** Asks for what has not ended, while the page can be seen. */
async function look() {
  for (const [id, view] of jobs) {
    if (document.hidden || finished.includes(view.status)) continue;
    const answer = await call(`jobs/${id}`, { quiet: true });
    if (answer.ok) take(answer.body);
    else tell(answer);
  }
  clearTimeout(timer);
  if ([...jobs.values()].some(view => !finished.includes(view.status))) timer = setTimeout(look, period);
}
