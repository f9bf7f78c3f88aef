import { call } from './api.js';
import { answerView } from './answer.js';
import { digitForm } from './digits.js';
import { h } from './dom.js';
import { imageForm, textForm } from './media.js';
import { isDigits } from './samples.js';
import { snippetView } from './snippets.js';
import { tensorForm } from './tensors.js';

const forms = { text: ['Text', textForm], image: ['Picture', imageForm], tensors: ['Tensors', tensorForm], digit: ['Drawing', digitForm] };

/** A model's form, its answer, and the request as code. */
export function predictView(model) {
  const path = `models/${model.name}/predict`;
  const answer = answerView();
  const snippet = snippetView();
  const holder = h('div');
  let form = null;
  let busy = false;
  let again = false;

  function changed() {
    if (!form) return;
    const request = form.read();
    if (request.body !== null) snippet.show({ path, ...request });
    if (form.live) predict();
  }

  /** One request at a time; what has changed meanwhile is the next. */
  async function predict() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await form.ready;
      const { body, type } = form.read();
      answer.show(await call(path, { method: 'POST', body, type }), model);
    } while (again);
    busy = false;
  }

  function use(kind) {
    const next = forms[kind][1](model, changed);
    form = next;
    holder.replaceChildren(next.element);
    changed();
  }

  const kinds = kindsOf(model);
  const element = h('div', { className: 'try' },
    h('form', { onsubmit: event => { event.preventDefault(); predict(); } },
      h('h3', {}, 'Try it'), kinds.length > 1 ? chooser(kinds, use) : null, holder, h('button', { className: 'primary' }, 'Predict')),
    h('div', {}, h('h3', {}, 'Answer'), answer.element),
    h('div', { className: 'wide' }, h('h3', {}, 'As code'), snippet.element));
  use(kinds[0]);
  return element;
}

/** The friendliest first. */
function kindsOf(model) {
  const takes = model.takes ?? ['tensors'];
  return [isDigits(model) ? 'digit' : null, ...['image', 'text', 'tensors'].filter(kind => takes.includes(kind))].filter(Boolean);
}

function chooser(kinds, use) {
  const buttons = kinds.map((kind, i) => h('button', { type: 'button', 'aria-pressed': `${i === 0}`, onclick: () => choose(kind) }, forms[kind][0]));
  function choose(kind) {
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', `${kinds[i] === kind}`));
    use(kind);
  }
  return h('div', { className: 'choices', role: 'group', 'aria-label': 'What to send' }, buttons);
}
