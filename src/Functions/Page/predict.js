import { call } from './api.js';
import { answerView } from './answer.js';
import { readJson } from './arrays.js';
import { choices, h } from './dom.js';
import { isDigits, isLarge } from './samples.js';
import { snippetView } from './snippets.js';
import { digitForm } from './widgets/digit.js';
import { pictureForm } from './widgets/picture.js';
import { rankForm } from './widgets/rerank.js';
import { sentenceForm } from './widgets/similarity.js';
import { columnsOf, tableForm } from './widgets/table.js';
import { bodyForm, tensorForm } from './widgets/tensors.js';
import { maskForm, textForm, zeroShotForm } from './widgets/text.js';
import { uploadForm } from './widgets/upload.js';

const forms = {
  digit: ['Drawing', digitForm], image: ['Picture', pictureForm], rank: ['Ranking', rankForm], sentences: ['Sentences', sentenceForm],
  mask: ['Gap', maskForm], labels: ['Text and labels', zeroShotForm], text: ['Text', textForm], table: ['Table', tableForm],
  tensors: ['Tensors', tensorForm], upload: ['Upload', uploadForm], body: ['JSON', bodyForm],
};

/**
 * A model's form, its answer, and the request as code.
 * @param describe returns the description of a version of the model by its number.
 * @param start the input of the form of another version; null for the model's sample.
 * @returns the view, and a function that returns its input, or null when nobody has changed the sample.
 */
export function predictView(model, route, describe, start) {
  const answer = answerView();
  const snippet = snippetView();
  const holder = h('div');
  const kinds = kindsOf(model);
  const button = h('button', { className: 'primary' }, 'Predict');
  const note = h('p', { role: 'status', className: 'note', hidden: true });
  /** The forms that were shown, by kind. They keep what was typed, drawn and chosen. */
  const kept = new Map();
  /** The body that was changed last, and the kind of its form. Every form shows it if it can. */
  let current = start;
  let form = null;
  /** The body of the form when it was shown. */
  let before = null;
  let busy = false;
  let again = false;
  let abort = null;

  /** Returns the reason why the form cannot be sent, such as a refused file; empty when there is none. */
  const problem = () => form.problem?.() ?? '';

  function changed() {
    if (!form) return;
    const request = form.read();
    snippet.show(request.body === null ? null : { path: pathOf(request), ...request });
    if (form.live) predict();
    // The response to earlier data must not be shown beside the refused file.
    else if (problem()) stop(problem());
  }

  function stop(text) {
    again = false;
    abort?.abort();
    answer.ask(text);
  }

  /** Open Inference has addresses of its own. */
  const pathOf = request => (request.route === 'infer' ? `v2/${route}/infer` : `${route}/predict`);

  /** Sends one request at a time. A change during a request starts the next one. */
  async function predict() {
    if (problem()) return stop(problem());
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        await send();
      } while (again);
    } finally {
      busy = false;
      button.removeAttribute('aria-disabled');
    }
  }

  async function send() {
    const own = abort = new AbortController();
    if (!form.live) button.setAttribute('aria-disabled', 'true');
    answer.run(() => stop('Cancelled.'), !form.live);
    await form.ready;
    if (own.signal.aborted) return;
    if (problem()) {
      stop(problem());
      return;
    }
    const request = form.read();
    const { body, type, headers } = request;
    const answered = await call(pathOf(request), { method: 'POST', body, type, headers, blob: true, signal: own.signal });
    const used = own.signal.aborted ? model : await describe(Number(answered.body?.version ?? answered.body?.model_version ?? model.version));
    if (!own.signal.aborted) answer.show(answered, { model: used, request });
  }

  function use(kind) {
    if (busy) stop('No answer yet.');
    if (form) keep();
    const isOwn = current?.kind === kind && kept.has(kind);
    if (!kept.has(kind)) kept.set(kind, forms[kind][1](model, changed));
    form = kept.get(kind);
    const isShown = !current || current.body === null || isOwn || showIn(form, current.body);
    note.hidden = isShown;
    note.textContent = isShown ? '' : `The input of "${forms[current.kind][0]}" does not fit this form. Here is another input.`;
    before = form.read().body;
    current ??= { kind, body: before, isSample: true };
    holder.replaceChildren(form.element);
    form.shown?.();
    changed();
    form.ready?.then(changed);
  }

  /** Makes the form's input the current one if somebody has changed it. */
  function keep() {
    const kind = kinds.find(one => kept.get(one) === form);
    const { body } = form.read();
    if (body !== null && body !== before) current = { kind, body };
  }

  function input() {
    keep();
    return current.isSample || typeof current.body !== 'string' ? null : current;
  }

  const chooser = choices('What to send', kinds.map(kind => forms[kind][0]), i => use(kinds[i]));

  /** Loads an example into the form. If the example does not fit, the form for any JSON body is used. */
  function load(body) {
    if (!form.load?.(body)) {
      chooser.press(kinds.indexOf('body'));
      form.load(body);
    }
    changed();
    if (!form.live) predict();
  }

  const examples = model.examples?.length
    ? h('div', { className: 'row', role: 'group', 'aria-label': 'Examples' }, h('span', { className: 'hint' }, 'Examples:'),
      model.examples.map((body, i) => h('button', { type: 'button', 'aria-label': `Example ${i + 1}`, onclick: () => load(body) }, `${i + 1}`)))
    : null;
  const element = h('div', { className: 'try' },
    h('form', { onsubmit: event => { event.preventDefault(); if (!busy || form.live) predict(); } },
      h('h3', {}, 'Try it'), chooser.element, examples, note, holder, button),
    h('div', {}, h('h3', {}, 'Answer'), answer.element),
    h('div', { className: 'wide' }, h('h3', {}, 'As code'), snippet.element));
  if (kinds.includes(start?.kind)) chooser.press(kinds.indexOf(start.kind));
  else use(kinds[0]);
  return { element, input };
}

/** Shows a body in a form. False when the form cannot show all of it. */
function showIn(form, body) {
  if (typeof body !== 'string') return false;
  if (form.loadText) {
    form.loadText(body);
    return true;
  }
  const read = readJson(body);
  return read !== null && typeof read === 'object' && (form.load?.(read) ?? false);
}

/** Returns the kinds of forms for a model, the easiest first. */
function kindsOf(model) {
  const takes = model.takes ?? ['tensors'];
  const ofTask = { 'text-ranking': ['rank'], 'feature-extraction': ['sentences'], 'fill-mask': ['mask'], 'zero-shot-classification': ['labels'] };
  const kinds = isDigits(model) ? ['digit'] : [];
  if (takes.includes('image')) kinds.push('image');
  if (takes.includes('text')) kinds.push(...(ofTask[model.task] ?? (model.task ? ['text'] : ['text', 'sentences'])));
  return [...kinds, ...(isLarge(model) ? ['upload'] : columnsOf(model) && !isDigits(model) ? ['table'] : ['tensors', 'upload']), 'body'];
}
