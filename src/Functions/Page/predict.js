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

/** A model's form, its answer, and the request as code. */
export function predictView(model, route) {
  const answer = answerView();
  const snippet = snippetView();
  const holder = h('div');
  const kinds = kindsOf(model);
  let form = null;
  let busy = false;
  let again = false;

  function changed() {
    if (!form) return;
    const request = form.read();
    if (request.body !== null) snippet.show({ path: pathOf(request), ...request });
    if (form.live) predict();
  }

  /** Open Inference and reranking have addresses of their own. */
  const pathOf = request => (request.route === 'infer' ? `v2/${route}/infer` : request.route === 'rerank' ? `models/${model.name}/rerank` : `${route}/predict`);

  /** One request at a time; what has changed meanwhile is the next. */
  async function predict() {
    if (form.isEmpty?.()) return answer.ask(form.empty);
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await form.ready;
      const request = form.read();
      answer.show(await call(pathOf(request), { method: 'POST', body: request.body, type: request.type, headers: request.headers, blob: true }), { model, request });
    } while (again);
    busy = false;
  }

  function use(kind) {
    form = forms[kind][1](model, changed);
    holder.replaceChildren(form.element);
    changed();
    form.ready?.then(changed);
  }

  const chooser = choices('What to send', kinds.map(kind => forms[kind][0]), i => use(kinds[i]));

  /** An example goes into the form where it fits, and else into the form that takes any body. */
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
    h('form', { onsubmit: event => { event.preventDefault(); predict(); } },
      h('h3', {}, 'Try it'), chooser.element, examples, holder, h('button', { className: 'primary' }, 'Predict')),
    h('div', {}, h('h3', {}, 'Answer'), answer.element),
    h('div', { className: 'wide' }, h('h3', {}, 'As code'), snippet.element));
  use(kinds[0]);
  return element;
}

/** The friendliest first. */
function kindsOf(model) {
  const takes = model.takes ?? ['tensors'];
  const ofTask = { 'text-ranking': ['rank'], 'feature-extraction': ['sentences'], 'fill-mask': ['mask'], 'zero-shot-classification': ['labels'] };
  const kinds = isDigits(model) ? ['digit'] : [];
  if (takes.includes('image')) kinds.push('image');
  if (takes.includes('text')) kinds.push(...(ofTask[model.task] ?? (model.task ? ['text'] : ['text', 'sentences'])));
  return [...kinds, ...(isLarge(model) ? ['upload'] : columnsOf(model) && !isDigits(model) ? ['table'] : ['tensors', 'upload']), 'body'];
}
