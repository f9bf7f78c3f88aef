import { call } from './api.js';
import { answerView } from './answer.js';
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
 * Shows the form of a model, the response, and the request as code.
 * @param describe fetches the description of a version by its number.
 */
export function predictView(model, route, describe) {
  const answer = answerView();
  const snippet = snippetView();
  const holder = h('div');
  const kinds = kindsOf(model);
  const button = h('button', { className: 'primary' }, 'Predict');
  let form = null;
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

  /** Returns the path of a request. Open Inference and reranking have their own routes. */
  const pathOf = request => (request.route === 'infer' ? `v2/${route}/infer` : request.route === 'rerank' ? `models/${model.name}/rerank` : `${route}/predict`);

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
    form = forms[kind][1](model, changed);
    holder.replaceChildren(form.element);
    changed();
    form.ready?.then(changed);
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
      h('h3', {}, 'Try it'), chooser.element, examples, holder, button),
    h('div', {}, h('h3', {}, 'Answer'), answer.element),
    h('div', { className: 'wide' }, h('h3', {}, 'As code'), snippet.element));
  use(kinds[0]);
  return element;
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
