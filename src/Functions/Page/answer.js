import { duration, h, short } from './dom.js';

const mostBars = 20;

/** Where answers are shown: in words for everyone, as bars that move, and as JSON. */
export function answerView() {
  const words = h('p', { role: 'status', className: 'words' }, 'No answer yet.');
  const error = h('p', { role: 'alert', className: 'error', hidden: true });
  const bars = h('ol', { className: 'bars', hidden: true });
  const json = h('pre', { tabIndex: 0, 'aria-label': 'Answer as JSON' });
  const whole = h('details', {}, h('summary', {}, 'JSON'), json);

  function show(answer, model) {
    error.hidden = answer.ok;
    error.textContent = answer.ok ? '' : `${answer.status || ''} ${answer.message}`.trim();
    words.hidden = !answer.ok;
    json.textContent = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body, null, 1).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`);
    if (!answer.ok) {
      bars.hidden = true;
      return;
    }
    const scores = scoresOf(answer.body, model);
    bars.hidden = scores.length === 0;
    draw(bars, scores);
    const best = scores.toSorted((a, b) => b.score - a.score)[0];
    const told = scores.length && model.labels.length ? `${best.label}: ${percent(best.score)}` : 'Answered';
    say(words, `${told} (${duration(answer.seconds)} there and back)`);
    whole.open ||= scores.length === 0;
  }

  return { element: h('div', { className: 'answer' }, error, words, bars, whole), show };
}

/** What moves while one draws is read out when it rests. */
function say(words, text) {
  words.setAttribute('aria-live', 'off');
  words.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => {
    words.setAttribute('aria-live', 'polite');
    words.textContent = text;
  }, 700);
}

/** Of the first item: a score for each class in the order of the classes, or the values of a short output. */
function scoresOf(body, model) {
  const first = body.predictions?.[0];
  const values = (Array.isArray(first) ? first : Array.isArray(body.predictions) && typeof first === 'number' ? body.predictions : []).flat(Infinity);
  if (values.length < 2 || values.length > mostBars || !values.every(value => typeof value === 'number')) return labelled(body);
  return values.map((score, i) => ({ label: model.labels[i] ?? `${i}`, score }));
}

const labelled = body => body.labels?.[0]?.filter(entry => typeof entry.score === 'number') ?? [];

/** Bars are kept and moved, so that the eye can follow. */
function draw(list, scores) {
  const most = Math.max(...scores.map(entry => Math.abs(entry.score)), 1e-30);
  const whole = scores.every(entry => entry.score >= 0 && entry.score <= 1) ? 1 : most;
  while (list.children.length > scores.length) list.lastChild.remove();
  while (list.children.length < scores.length) {
    list.append(h('li', {}, h('span', { className: 'label' }), h('span', { className: 'track', 'aria-hidden': 'true' }, h('span', { className: 'bar' })), h('span', { className: 'score' })));
  }
  scores.forEach(({ label, score }, i) => {
    const [name, track, number] = list.children[i].children;
    name.textContent = label;
    track.firstChild.style.width = `${Math.abs(score) / whole * 100}%`;
    number.textContent = whole === 1 ? percent(score) : short(score);
    list.children[i].classList.toggle('best', score === Math.max(...scores.map(entry => entry.score)));
  });
}

const percent = score => `${(score * 100).toFixed(1)} %`;
