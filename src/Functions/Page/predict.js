import { call } from './api.js';
import { answerView } from './answer.js';
import { readJson, textOf } from './arrays.js';
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
 * @param describe returns the description of a version of the model by its number as a text. The labels in its answer tell whether the
 * description is out of date.
 * @param start the input of the view of another version; null for the model's sample.
 * @returns the view, a function that returns its input, and one that ends what goes on in it.
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
  let current = start?.current ?? null;
  let form = null;
  /** The body of the form when it was shown. */
  let before = null;
  /** Aborts the request in progress; null when there is none. */
  let running = null;
  let again = false;
  /** Whether the user has changed the input since the request was sent. */
  let isChanged = false;
  /** Whether the answer shows why the form was not sent. */
  let isRefused = false;

  /** Returns the reason why the form cannot be sent, such as a refused file; empty when there is none. */
  const problem = () => form.problem?.() ?? '';

  function changed() {
    if (!form) return;
    isChanged = true;
    const request = form.read();
    snippet.show(request.body === null ? null : { path: pathOf(request), ...request });
    if (form.live) predict();
    // The response to earlier data must not be shown beside the refused file.
    else if (problem()) refuse(problem());
    // The reason does not hold for the changed input.
    else if (isRefused) stop('No answer yet.');
  }

  /** @param isAsked whether the user waits for the text, so that the page scrolls to it. */
  function stop(text, isAsked = false) {
    again = false;
    running?.abort();
    running = null;
    isRefused = false;
    button.removeAttribute('aria-disabled');
    answer.ask(text, isAsked);
  }

  /** Shows why the form was not sent, until the user changes the input. */
  function refuse(text, isAsked) {
    stop(text, isAsked);
    isRefused = true;
  }

  /** Open Inference has addresses of its own. */
  const pathOf = request => (request.route === 'infer' ? `v2/${route}/infer` : `${route}/predict`);

  /** Sends one request at a time. A change during a request starts the next one. */
  async function predict() {
    if (problem()) return refuse(problem(), !isChanged);
    if (running) {
      again = true;
      return;
    }
    const own = running = new AbortController();
    try {
      do {
        again = false;
        await send(own.signal);
      } while (again && !own.signal.aborted);
    } catch (e) {
      // Without another text, the page would show for ever that the prediction is running.
      reportError(e);
      if (running === own) stop(`The page has failed: ${e.message}. Reload the page, or send the request as code.`);
    }
    // After a cancelled request, the user may have started another one.
    if (running !== own) return;
    running = null;
    button.removeAttribute('aria-disabled');
  }

  async function send(signal) {
    const isAsked = !isChanged;
    isRefused = false;
    if (!form.live) button.setAttribute('aria-disabled', 'true');
    answer.run(() => stop('Cancelled.'), !form.live);
    await settled(form);
    if (signal.aborted) return;
    const missing = form.missing?.();
    if (problem() || missing) {
      refuse(problem() || missing.text, isAsked && !missing);
      missing?.field.focus();
      return;
    }
    isChanged = !isAsked;
    const request = form.read();
    const { body, type, headers } = request;
    const answered = await call(pathOf(request), { method: 'POST', body, type, headers, blob: true, signal });
    const used = signal.aborted ? model : await describe(textOf(answered.body?.version ?? answered.body?.model_version ?? model.version), answered.body?.labels);
    if (!signal.aborted) answer.show(answered, { model: used, request }, !isChanged);
  }

  /** Predicts because the user asked for it, and not because of a change. */
  function run() {
    isChanged = false;
    predict();
  }

  function create(kind) {
    const made = forms[kind][1](model, changed);
    const given = start?.carried.get(kind);
    if (given) made.restore(given);
    return made;
  }

  function use(kind) {
    if (running) stop('No answer yet.');
    if (form) {
      keep();
      form = null;
    }
    const isOwn = current?.kind === kind && kept.has(kind);
    if (!kept.has(kind)) kept.set(kind, create(kind));
    const own = form = kept.get(kind);
    const isShown = !current?.body || isOwn || showIn(form, current.body);
    note.hidden = isShown;
    note.textContent = isShown ? '' : `The input of "${forms[current.kind][0]}" does not fit this form. Here is another input.`;
    before = form.read().body;
    current ??= { kind, body: before, isSample: !start?.carried.get(kind) };
    holder.replaceChildren(form.element);
    form.shown?.();
    changed();
    form.ready?.then(() => form === own && changed());
  }

  const kindOf = shown => kinds.find(one => kept.get(one) === shown);

  /** Makes the form's input the current one if somebody has changed it. */
  function keep() {
    const kind = kindOf(form);
    const { body } = form.read();
    if (body !== null && body !== before) current = { kind, body };
  }

  /**
   * Returns the input for the view of another version: the kind of the shown form, the body that somebody has typed, and what each form
   * carries over, such as chosen files.
   */
  function input() {
    keep();
    const carried = new Map(start?.carried);
    for (const [kind, { carry }] of kept) carried.set(kind, carry?.());
    return { kind: kindOf(form), current: current.isSample || typeof current.body !== 'string' ? null : current, carried };
  }

  function leave() {
    if (running) stop('No answer yet.');
  }

  const chooser = choices('What to send', kinds.map(kind => forms[kind][0]), i => use(kinds[i]));

  /** Loads an example into the form. If the example does not fit, the form for any JSON body is used. */
  function load(body) {
    if (!form.load?.(body, true)) {
      chooser.press(kinds.indexOf('body'));
      form.load(body);
    }
    changed();
    if (!form.live) run();
  }

  const examples = model.examples?.length
    ? h('div', { className: 'row', role: 'group', 'aria-label': 'Examples' }, h('span', { className: 'hint' }, 'Examples:'),
      model.examples.map((body, i) => h('button', { type: 'button', 'aria-label': `Example ${i + 1}`, onclick: () => load(body) }, `${i + 1}`)))
    : null;
  const element = h('div', { className: 'try' },
    h('form', { onsubmit: event => { event.preventDefault(); if (!running || form.live) run(); } },
      h('h3', {}, 'Try it'), chooser.element, examples, note, holder, button),
    h('div', {}, h('h3', {}, 'Answer'), answer.element),
    h('div', { className: 'wide' }, h('h3', {}, 'As code'), snippet.element));
  if (kinds.includes(start?.kind)) chooser.press(kinds.indexOf(start.kind));
  else use(kinds[0]);
  return { element, input, leave };
}

/** Waits until a form has read the files that the user has chosen. Meanwhile the user may choose further ones. */
async function settled(form) {
  for (let ready = null; ready !== (form.ready ?? null);) await (ready = form.ready);
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
