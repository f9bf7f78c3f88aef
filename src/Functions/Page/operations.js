import { call } from './api.js';
import { ago, bytes, counted, h, oneLine, sizeBar, table } from './dom.js';
import { redraw } from './redraw.js';
import { batchingFacts } from './sharing.js';
import { latestTotals } from './stats.js';
import { slowestOf } from './times.js';
import { isServed, reasonLine, stateOf } from './versions.js';

const period = 2000;

const problem = h('div', { hidden: true }, h('p', { role: 'alert', className: 'error' }), h('button', { type: 'button', onclick: () => look(false) }, 'Enter the admin key'));
const content = h('div');
const said = h('p', { role: 'status', className: 'hint' });
let looking = null;
let last = '';

/** Shows operators the state of this instance, from /status, the statistics and the list of models. /status needs the admin key. */
export async function showOperations(section, _, isFirst) {
  if (isFirst) {
    section.append(h('h2', {}, 'Operations'), problem, said, content);
    setInterval(() => document.hidden || section.hidden || look(true), period);
  }
  await look(false);
}

/** Reads the state and shows it. A click waits for a reading in progress, and the timer leaves its turn out. */
async function look(isQuiet) {
  while (looking) {
    if (isQuiet) return;
    await looking;
  }
  looking = read(isQuiet).finally(() => { looking = null; });
  await looking;
}

async function read(isQuiet) {
  const [status, models, stats] = [await call('status', { silent: isQuiet, admin: true }), await call('models', { silent: isQuiet }), await call('v2/models/stats', { silent: isQuiet })];
  const failed = [status, models, stats].find(answer => !answer.ok);
  problem.hidden = !failed;
  if (failed) {
    problem.firstChild.textContent = failed.status === 401 ? 'This page needs the admin key.' : failed.message;
    problem.lastChild.hidden = failed.status !== 401;
    // After another failure, such as a lost connection, the page keeps what it has shown.
    if (failed.status === 401) content.replaceChildren();
    last = '';
    return;
  }
  const now = JSON.stringify([status.body.models, status.body.errors, models.body, Math.round(status.body.memory.models / 1e5), stats.body, Math.round(status.body.uptimeSeconds / 30)]);
  if (now === last) return;
  last = now;
  draw(status.body, models.body.models, latestTotals(stats.body.model_stats));
}

function draw(status, models, totals) {
  redraw(content, () => [h('div', { className: 'cards' }, instance(status), errors(status)), memory(status, models), plans(status, models), slow(totals)]);
}

function instance({ build, ready, uptimeSeconds, compute, memory: used, models }) {
  const waiting = models.reduce((sum, model) => sum + model.waiting, 0);
  return h('section', { className: 'card' }, h('h3', {}, 'This instance'), facts([
    ['State', h('span', { className: `state ${ready ? 'ready' : 'failed'}` }, ready ? 'ready' : 'not ready')],
    ['Version', `${build.version}${build.commit ? ` (${build.commit.slice(0, 8)})` : ''}`],
    ['Started', ago(uptimeSeconds)],
    ['Compute slots', `${compute.used} of ${compute.slots} in use${compute.lent ? `, ${compute.lent} lent` : ''}`],
    ['Waiting requests', `${waiting}`],
    ['Memory of requests', `${bytes(used.requests)} of ${bytes(used.requestLimit)}`],
    ['Memory of the process', bytes(used.resident)],
    ...compute.leftBehind.map(work => ['Does not end', work]),
  ]));
}

const facts = entries => h('dl', { className: 'facts' }, entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));

function errors({ errors: list = [] }) {
  return h('section', { className: 'card' }, h('h3', {}, 'Errors of the last hour'),
    list.length
      ? table('Errors of the last hour', ['Code', 'Last hour'], list.map(({ code, lastHour }) => [h('code', {}, code), `${lastHour}`]))
      : h('p', {}, 'No errors.'));
}

/**
 * The versions that this process knows, those that were never requested, which use no memory, and models without any version.
 * By name and version.
 */
function allVersions(known, models) {
  const ids = new Set(known.map(({ model, version }) => `${model}/${version}`));
  const others = models.flatMap(({ name, versions, state, reason }) => (versions.length ? versions : [{ state, reason }]).filter(({ version }) => !ids.has(`${name}/${version}`))
    .map(({ version, state, reason }) => ({ model: name, version, state, reason, bytes: 0 })));
  return [...known, ...others].toSorted((a, b) => a.model.localeCompare(b.model) || byVersion(a, b));
}

/** Compares the versions exactly. A version that a JavaScript number cannot hold is a text. */
const byVersion = (a, b) => Number(BigInt(a.version ?? 0) - BigInt(b.version ?? 0));

const nameOf = ({ model, version }) => (version === undefined ? model : `${model} ${version}`);

/** The budget as a bar, and each version with its share and what can be done with it. */
function memory({ memory: budget, models: known }, models) {
  return h('section', { className: 'card' }, h('h3', {}, `Memory of models: ${bytes(budget.models)} of ${bytes(budget.limit)}`),
    bar(budget.models / budget.limit),
    h('ul', { className: 'memory', 'aria-label': 'Memory by model' }, allVersions(known, models).map(model => h('li', {},
      h('span', { className: 'name' }, nameOf(model), ' ', h('span', { className: `state ${model.state}` }, stateOf(model.state))),
      bar(model.bytes / Math.max(budget.models, 1)),
      h('span', { className: 'number' }, model.bytes ? bytes(model.bytes) : '–'),
      h('span', { className: 'row' },
        isServed(model) ? loadButton(model, nameOf(model)) : null,
        model.state === 'ready' ? h('button', { type: 'button', 'aria-label': `Unload ${nameOf(model)}`, onclick: () => change(model.model, 'unload') }, 'Unload') : null),
      model.reason ? reasonLine(model, '') : null))),
    h('p', { className: 'hint' }, 'Load and unload change all versions of a model. The next request loads an unloaded model again.'));
}

function loadButton({ model, state }, name) {
  const text = state === 'ready' ? 'Reload' : 'Load';
  return h('button', { type: 'button', 'aria-label': `${text} ${name}`, onclick: () => change(model, 'load') }, text);
}

function bar(part) {
  const filled = h('span', { className: 'bar' });
  sizeBar(filled, part);
  return h('span', { className: 'track', 'aria-hidden': 'true' }, filled);
}

async function change(model, what) {
  said.textContent = `${model}: ${what} …`;
  const answer = await call(`v2/repository/models/${encodeURIComponent(model)}/${what}`, { method: 'POST', body: '{}', type: 'application/json', admin: true });
  said.textContent = answer.ok ? `${model}: ${what}ed.` : `${model}: ${answer.message}`;
  last = '';
  await look(true);
}

/** What the contract waits for. */
const WITHOUT_CONTRACT = { loading: 'Loading.', failed: 'Does not load.', notServed: 'Not served.', available: 'Not loaded yet. The contract is examined at the first load.' };

/** The batch contract and the plan of each version, with the reason. */
function plans({ models: known }, models) {
  const rows = allVersions(known, models).map(({ model, version, state, waiting, running, plan }) => {
    const batching = models.find(one => one.name === model)?.versions.find(one => one.version === version)?.batching;
    return [nameOf({ model, version }), batching ? oneLine(batchingFacts(batching), '') : WITHOUT_CONTRACT[state] ?? 'Not loaded.',
      plan ? `${counted(plan.threads, 'thread')}, ${counted(plan.maxBatch, 'item')} a run` : '–',
      running === undefined ? '–' : `${running} running, ${waiting} waiting`];
  });
  return h('section', { className: 'card' }, h('h3', {}, 'Batch contract and plan'),
    rows.length ? table('Batch contract and plan of each version', ['Version', 'Contract', 'Plan', 'Now'], rows, 'plans') : h('p', {}, 'No models yet.'));
}

/** Compares by the mean time of a successful request, the longest first. Without a success, both numbers are 0. */
const byMeanTime = (a, b) => (b.seconds / b.succeeded || 0) - (a.seconds / a.succeeded || 0);

function slow(totals) {
  const answered = totals.filter(total => total.succeeded || total.failed).toSorted(byMeanTime);
  return h('section', { className: 'card' }, h('h3', {}, 'What is slow, and why'),
    answered.length
      ? h('ul', { className: 'slow' }, answered.map(total => h('li', {}, h('strong', {}, total.id), `: ${slowestOf([total]) ?? 'No request succeeded.'}`, total.failed ? ` ${total.failed} of ${counted(total.requests, 'request')} failed.` : '')))
      : h('p', {}, 'No requests yet.'));
}
