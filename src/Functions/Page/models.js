import { call, keyChanged } from './api.js';
import { detailView } from './detail.js';
import { counted, duration, h, oneLine, short, write } from './dom.js';
import { redraw } from './redraw.js';
import { recent, watch } from './stats.js';
import { turns } from './turns.js';
import { describeNotServed, isServed, reasonLine, snapshotOf, stateOf } from './versions.js';

const listPeriod = 10_000;

const list = h('ul', { className: 'model-list' });
const filter = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the models by name', oninput: filterList, hidden: true });
const problem = h('p', { role: 'alert', className: 'error', hidden: true });
const drawerButton = h('button', { type: 'button', className: 'drawer-button', 'aria-expanded': 'false', 'aria-controls': 'drawer', onclick: () => openDrawer(true) }, '☰ Models');
const drawer = h('aside', { id: 'drawer', className: 'master', 'aria-label': 'Models' },
  h('div', { className: 'drawer-head' }, h('h2', {}, 'Models'), h('button', { type: 'button', className: 'drawer-close', onclick: () => openDrawer(false) }, 'Close')), filter, problem, list);
const shade = h('div', { className: 'shade', onclick: () => openDrawer(false) });
const holder = h('div', { className: 'detail' });
/** The minimum number of models for which the filter is shown. */
const manyModels = 8;
let models = [];
let listed = '';
/** The first reading of the list. */
let first = null;
let looking = 0;
const turn = turns();
/** The model of the address; empty for none. */
let wanted = '';
let chosen = '';
let detail = null;

/** Shows the list of models, and the chosen model beside it. */
export async function showModels(section, name, isFirst) {
  wanted = name;
  if (isFirst) {
    section.append(h('div', { className: 'split' }, drawerButton, shade, drawer, holder));
    drawer.addEventListener('keydown', event => event.key === 'Escape' && openDrawer(false));
    first = look();
    await first;
    // The statistics are read after the list, which has asked the user for a key if the server requires one.
    watch(update);
    setInterval(() => document.hidden || looking || look(), listPeriod);
    addEventListener(keyChanged, () => looking || lookAgain());
  }
  await first;
  // The user may have chosen another model while the list was read.
  await choose(wanted || chosen || suggested());
}

/** Reads the list with a new key. Without the list, no model could be suggested before. */
async function lookAgain() {
  await look();
  if (!chosen) await choose(wanted || suggested());
}

/** Opens or closes the list of models. On phones the open list covers the page. */
function openDrawer(open) {
  drawer.classList.toggle('open', open);
  drawerButton.setAttribute('aria-expanded', `${open}`);
  if (open) (list.querySelector('[aria-current] a') ?? list.querySelector('a') ?? drawer.querySelector('button')).focus();
  else if (drawer.contains(document.activeElement)) drawerButton.focus();
}

/** Returns the model to show first. Showing a model loads it, so only the small model digits or a loaded model is suggested. */
function suggested() {
  const ready = models.find(model => model.versions.some(version => version.state === 'ready'));
  return (models.find(model => model.name === 'digits') ?? ready)?.name ?? '';
}

async function look() {
  const isLast = turn();
  looking++;
  const answer = await call('models', { quiet: listed !== '' });
  looking--;
  if (!isLast()) return;
  problem.hidden = answer.ok;
  problem.textContent = answer.message;
  const now = answer.ok ? snapshotOf(answer.body) : listed;
  if (now === listed) return;
  listed = now;
  models = answer.body.models;
  redraw(list, () => (models.length ? models.map(entry) : [h('li', { className: 'hint' }, 'No models yet: put one into the folder or container that this server reads.')]));
  filter.hidden = models.length < manyModels;
  filterList();
  mark();
  update('');
  detail?.refresh(models.find(model => model.name === chosen));
}

const item = name => [...list.children].find(entry => entry.dataset.model === name);

function isFiltered(name) {
  const typed = filter.value.trim().toLowerCase();
  return typed !== '' && !name?.toLowerCase().includes(typed);
}

function filterList() {
  for (const entry of list.children) entry.hidden = isFiltered(entry.dataset.model);
}

function entry(model) {
  const latest = model.versions.findLast(isServed) ?? model.versions.at(-1);
  const state = model.versions.some(version => version.state === 'ready') ? 'ready' : latest?.state ?? model.state ?? 'failed';
  const failed = model.reason ? model : model.versions.findLast(version => version.reason && isServed(version));
  const version = !model.reason && model.versions.length > 1 ? `Version ${failed?.version}: ` : '';
  const notServed = describeNotServed(model.versions);
  return h('li', { 'data-model': model.name, hidden: isFiltered(model.name), 'aria-current': model.name === chosen ? 'true' : null },
    h('a', { href: `#/models/${encodeURIComponent(model.name)}`, onclick: () => openDrawer(false) }, model.name),
    h('span', { className: `state ${state}` }, stateOf(state)),
    h('span', { className: 'hint figures' }, versions(model), h('span', { className: 'rate' }), h('span', { className: 'latency' })),
    model.warnings.length ? h('span', { className: 'warning' }, counted(model.warnings.length, 'warning')) : null,
    failed ? reasonLine(failed, version) : null,
    notServed ? oneLine(`Not served: ${notServed}`, 'hint') : null);
}

const versions = model => (model.versions.length > 1 ? counted(model.versions.length, 'version') : model.versions.length ? `version ${model.versions[0].version}` : 'no version');

function mark() {
  for (const entry of list.children) {
    if (entry.dataset.model === chosen) entry.setAttribute('aria-current', 'true');
    else entry.removeAttribute('aria-current');
  }
}

async function choose(name) {
  if (name === chosen && detail) return;
  chosen = name;
  detail?.leave();
  detail = null;
  mark();
  item(name)?.scrollIntoView({ block: 'nearest' });
  if (!name) return holder.replaceChildren(h('p', {}, 'Choose a model.'));
  const view = detailView(name, models.find(model => model.name === name));
  detail = view;
  holder.replaceChildren(view.element);
  await view.load();
  if (detail === view) look();
}

function update(failure) {
  const server = document.getElementById('server');
  write(server, failure);
  for (const model of models) {
    const entry = item(model.name);
    const each = model.versions.map(({ version }) => recent(`${model.name}/${version}`));
    const rate = each.reduce((sum, one) => sum + one.rate, 0);
    const latency = each.find(one => Number.isFinite(one.latency))?.latency;
    if (!entry) continue;
    write(entry.querySelector('.rate'), rate ? `${short(rate)}/s` : '');
    write(entry.querySelector('.latency'), latency === undefined ? '' : duration(latency));
  }
  detail?.draw();
}
