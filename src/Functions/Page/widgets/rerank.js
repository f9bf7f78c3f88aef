import { numberOf } from '../arrays.js';
import { field, h, scrollBox, short, sizeBar } from '../dom.js';
import { hasOnly, rankingBody, sampleRanking } from '../samples.js';
import { byScore } from './bars.js';
import { isLine, linesOf } from './similarity.js';

/** Creates the fields for a query and for the texts to rank. */
export function rankForm(model, changed) {
  const query = h('input', { type: 'text', value: sampleRanking.query, oninput: changed });
  const texts = h('textarea', { rows: 5, oninput: changed, value: sampleRanking.texts.join('\n') });
  const lines = () => linesOf(texts.value);

  /** Shows pairs of one query and a text each. */
  function load(body) {
    const pairs = [body.text].flat();
    const [first] = pairs;
    const isOne = pair => pair && hasOnly(pair, 'text', 'text_pair') && pair.text === first.text && isLine(pair.text_pair);
    if (!hasOnly(body, 'text', 'parameters') || !hasOnly(body.parameters ?? {}, 'truncate') || body.parameters?.truncate !== true) return false;
    if (!first || !pairs.every(isOne) || !isLine(first.text)) return false;
    [query.value, texts.value] = [first.text, pairs.map(pair => pair.text_pair).join('\n')];
    return true;
  }

  return {
    load,
    element: h('div', {}, field('Query', query), field('Texts, one a line', texts)),
    read: () => ({
      type: 'application/json', texts: lines(), isRanking: true,
      body: JSON.stringify(rankingBody({ query: query.value, texts: lines() })),
    }),
  };
}

/** The texts with the best one first, and where each one was. */
export function rankView({ predictions }, { request }) {
  if (!request.isRanking || predictions?.length !== request.texts.length) return null;
  const ranked = predictions.map((score, index) => ({ score: numberOf(score), index })).toSorted(byScore);
  return scrollBox('Texts by relevance', h('ol', { className: 'ranked', 'aria-label': 'Texts by relevance' }, ranked.map(({ index, score }) => h('li', {},
    h('p', {}, request.texts[index]),
    h('div', { className: 'row' },
      h('span', { className: 'track', 'aria-hidden': 'true' }, sized(score)),
      h('span', { className: 'score' }, short(score)),
      h('span', { className: 'hint' }, `text ${index + 1}`))))));
}

function sized(score) {
  const bar = h('span', { className: 'bar' });
  sizeBar(bar, score);
  return bar;
}
