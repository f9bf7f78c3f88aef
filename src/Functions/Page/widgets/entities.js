import { countOf } from '../arrays.js';
import { h } from '../dom.js';
import { partText } from './bars.js';

const colors = 6;

/** Shows the text with its entities highlighted. The start and end of an entity count code points, as in Python. */
export function entityView(body, { request }) {
  const found = body.predictions?.[0];
  const text = request.texts?.[0];
  if (text === undefined || !Array.isArray(found) || !found.every(entity => Number.isInteger(entity?.start) && Number.isInteger(entity.end))) return null;
  if (!found.length) return h('p', {}, 'No entities were found.');
  const points = [...text];
  const kinds = [...new Set(found.map(nameOf))];
  const parts = [];
  let at = 0;
  for (const entity of found.toSorted((a, b) => a.start - b.start)) {
    if (entity.start < at) continue;
    parts.push(points.slice(at, entity.start).join(''), marked(points.slice(entity.start, entity.end).join(''), entity, kinds));
    at = entity.end;
  }
  const marks = h('p', { className: 'entities', tabIndex: 0, 'aria-label': 'Text with its entities', role: 'group' }, ...parts, points.slice(at).join(''));
  return countOf(found) > found.length ? h('div', {}, marks, h('p', { className: 'hint' }, `The first ${found.length} of ${countOf(found)} entities.`)) : marks;
}

const nameOf = entity => entity.entity_group ?? entity.entity;

const marked = (word, entity, kinds) => h('mark', { className: `kind-${kinds.indexOf(nameOf(entity)) % colors}` },
  word, h('small', {}, ` ${nameOf(entity)} ${partText(entity.score)}`));
