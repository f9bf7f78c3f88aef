import { field, h, short } from '../dom.js';

/** Creates the fields for a query and for the texts to rank. */
export function rankForm(model, changed) {
  const query = h('input', { type: 'text', value: 'What is deep learning?', oninput: changed });
  const texts = h('textarea', {
    rows: 5, oninput: changed,
    value: 'Deep learning is a kind of machine learning.\nCheese is made of milk.\nNeural networks with many layers learn from data.',
  });
  const lines = () => texts.value.split('\n').map(line => line.trim()).filter(line => line);
  return {
    element: h('div', {}, field('Query', query), field('Texts, one a line', texts)),
    read: () => ({
      type: 'application/json', route: 'rerank',
      body: JSON.stringify({ query: query.value, texts: lines(), truncate: true }), texts: lines(),
    }),
  };
}

/** Shows the texts, the most relevant first, with their line numbers in the request. */
export function rankView(body, { request }) {
  if (request.route !== 'rerank' || !Array.isArray(body) || typeof body[0]?.score !== 'number') return null;
  return h('ol', { className: 'ranked', 'aria-label': 'Texts by relevance' }, body.map(({ index, score }) => h('li', {},
    h('p', {}, request.texts[index] ?? `Text ${index + 1}`),
    h('div', { className: 'row' },
      h('span', { className: 'track', 'aria-hidden': 'true' }, sized(score)),
      h('span', { className: 'score' }, short(score)),
      h('span', { className: 'hint' }, `line ${index + 1}`)))));
}

function sized(score) {
  const bar = h('span', { className: 'bar' });
  bar.style.width = `${Math.min(1, Math.max(0, score)) * 100}%`;
  return bar;
}
