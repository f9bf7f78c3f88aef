import { bytes, downloadLink, duration, h, startOfBlob } from './dom.js';
import { shapeOf, textOf } from './arrays.js';
import { turns } from './turns.js';
import { barView, bestOf, isOfOne, scoresOf, scoreText } from './widgets/bars.js';
import { entityView } from './widgets/entities.js';
import { foundView } from './widgets/found.js';
import { rankView } from './widgets/rerank.js';
import { vectorView } from './widgets/similarity.js';
import { predictionOf } from './widgets/tensors.js';
import { maskView } from './widgets/text.js';
import { tableView } from './widgets/values.js';

const views = [rankView, entityView, maskView, foundView, vectorView];
const mostText = 20_000;
const prettyUpTo = 100_000;
/** The height of an answer, in pixels, from which its rest may be off the screen. */
const glance = 192;

/** Shows a response as a sentence, by the widget for its content, and as JSON. */
export function answerView() {
  const words = h('p', { role: 'status', className: 'words' }, 'No answer yet.');
  const error = h('p', { role: 'alert', className: 'error', hidden: true });
  const bars = barView();
  const widget = h('div');
  const json = h('pre', { tabIndex: 0, role: 'group', 'aria-label': 'Answer as JSON' });
  const cancel = h('button', { type: 'button', hidden: true }, 'Cancel');
  const turn = turns();
  let timer = 0;
  let reading = 0;
  const cut = h('p', { className: 'hint', hidden: true });
  const whole = h('details', {}, h('summary', {}, 'JSON'), cut, json);
  bars.element.hidden = true;

  /** @param isAsked whether the user waits for the answer, so that the page scrolls to it. */
  function show(answer, context, isAsked) {
    finish();
    try {
      fill(answer, context);
    } catch (e) {
      // The response is an unexpected one, so the page shows it as JSON only.
      reportError(e);
      words.textContent = `Answered. The page cannot draw this answer: ${e.message}`;
      whole.open = true;
    }
    if (isAsked) reveal();
  }

  function fill(answer, context) {
    error.hidden = answer.ok;
    error.textContent = answer.ok ? '' : `${answer.status || ''} ${answer.message}`.trim();
    words.hidden = !answer.ok;
    bars.element.hidden = true;
    widget.replaceChildren();
    showText(answer);
    if (!answer.ok) return;
    const isJson = answer.body !== null && typeof answer.body === 'object';
    const body = isJson ? predictionOf(answer.body, context.model) : answer.body;
    const ofTask = isJson ? views.map(make => make(body, context)).find(made => made) : null;
    const scores = isJson && !ofTask && isOfOne(body, context.model) ? scoresOf(body, context.model, context.request) : [];
    const view = ofTask ?? (isJson && !scores.length ? tableView(body, context) : null);
    if (view) widget.append(view);
    bars.element.hidden = scores.length === 0;
    if (scores.length) bars.draw(scores);
    const best = bestOf(scores);
    say(`${best && scores.areLabelled ? `${best.label}: ${scoreText(best.score, scores)}` : 'Answered'} (round trip ${duration(answer.seconds)})`);
    whole.open ||= !view && scores.length === 0;
  }

  /** Shows the response as JSON. Only the start of a long response is shown, because a long text would block the page. */
  async function showText(answer) {
    const isLast = turn();
    const isLong = answer.blob?.size > prettyUpTo;
    cut.hidden = !isLong;
    if (!isLong) {
      // Without a response there is no JSON.
      json.textContent = typeof answer.body === 'string' ? answer.body : answer.status ? pretty(answer.body) : '';
      return;
    }
    const shapes = Object.entries(answer.body ?? {}).map(([name, value]) => [name, shapeOf(value)]).filter(([, shape]) => shape);
    cut.replaceChildren(`${bytes(answer.blob.size)}${shapes.map(([name, shape]) => `, ${name} [${shape.join(', ')}]`).join('')}. The beginning is shown. `,
      downloadLink('Download the whole answer', answer.blob, 'answer.json'));
    const start = await startOfBlob(answer.blob, mostText);
    if (isLast()) json.textContent = `${start} …`;
  }

  /** Scrolls to the answer unless it, or enough of it, is on the screen. */
  function reveal() {
    const { top, height } = element.getBoundingClientRect();
    if (top < 0 || top + Math.min(height, glance) > innerHeight) element.scrollIntoView({ block: height > innerHeight ? 'start' : 'nearest' });
  }

  /** Shows a text that may change with every stroke. Screen readers read the text only after it has stayed unchanged for 0.7 s. */
  function say(text) {
    words.setAttribute('aria-live', 'off');
    words.textContent = text;
    reading = setTimeout(() => {
      words.setAttribute('aria-live', 'polite');
      words.textContent = text;
    }, 700);
  }

  /**
   * Shows how long a prediction has been running, and a button that cancels the prediction. The previous response is dimmed.
   * @param isAtOnce whether to show the time at once. Otherwise it appears after a second, for forms that predict at every change.
   */
  function run(stop, isAtOnce) {
    finish();
    const started = performance.now();
    const tick = () => {
      const seconds = Math.floor((performance.now() - started) / 1000);
      error.hidden = true;
      words.hidden = cancel.hidden = false;
      element.setAttribute('aria-busy', 'true');
      words.setAttribute('aria-live', seconds < 1 ? 'polite' : 'off');
      words.textContent = `Running … ${seconds} s`;
    };
    cancel.onclick = stop;
    timer = setInterval(tick, 1000);
    if (!isAtOnce) return;
    tick();
    reveal();
  }

  function finish() {
    clearInterval(timer);
    clearTimeout(reading);
    cancel.hidden = true;
    words.setAttribute('aria-live', 'polite');
    element.removeAttribute('aria-busy');
  }

  /** Shows why a request was not sent. */
  function ask(text, isAsked) {
    finish();
    turn();
    error.hidden = true;
    words.hidden = false;
    words.textContent = text;
    bars.element.hidden = true;
    widget.replaceChildren();
    cut.hidden = true;
    json.textContent = '';
    if (isAsked) reveal();
  }

  const element = h('div', { className: 'answer' }, error, words, cancel, bars.element, widget, whole);
  return { element, show, ask, run };
}

/** Formats JSON with each list of numbers on one line. */
function pretty(body) {
  const withSign = (_, value) => (value === 0 && JSON.rawJSON ? JSON.rawJSON(textOf(value)) : value);
  return JSON.stringify(body, withSign, 1).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`);
}
