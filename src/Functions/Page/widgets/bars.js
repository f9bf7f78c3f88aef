import { numberOf, readJson } from '../arrays.js';
import { h, short, sizeBar, write } from '../dom.js';

const mostBars = 20;

const percent = score => `${(score * 100).toFixed(1)} %`;

/** The maximum difference between 1 and the sum of probabilities. */
const rounding = 0.02;

const isPart = score => score >= 0 && score <= 1;

/** Formats a single score of a response: as percent if it is from 0 to 1, or else as a number. A dash stands for any other value. */
export function partText(score) {
  const number = numberOf(score);
  return number === undefined ? '–' : isPart(number) ? percent(number) : short(number);
}

/** Orders entries by their scores, the highest first. NaN comes last. */
export const byScore = (a, b) => Number.isNaN(a.score) - Number.isNaN(b.score) || b.score - a.score || 0;

/**
 * Returns the entry with the highest score. Undefined when no score is finite, and beside positive infinity, which is no score to compare
 * with.
 */
export const bestOf = scores => (scores.some(({ score }) => score === Infinity)
  ? undefined
  : scores.filter(({ score }) => Number.isFinite(score)).toSorted(byScore)[0]);

/**
 * Whether the scores are probabilities: as the model's description says, or else those of classes, of which some may be left out.
 * Scores of several labels that do not exclude each other have any sum, so that only the description tells them. NaN and the infinities
 * are no probabilities, and neither are the scores beside them.
 */
function areProbabilities(scores) {
  if (!scores.every(entry => Number.isFinite(entry.score))) return false;
  if (scores.areProbabilities !== undefined) return scores.areProbabilities;
  const sum = scores.reduce((all, entry) => all + entry.score, 0);
  return scores.every(entry => isPart(entry.score)) && sum <= 1 + rounding && (scores.isCut || sum >= 1 - rounding);
}

/** Formats probabilities as percent, and other scores as numbers. */
export const scoreText = (score, scores) => (areProbabilities(scores) ? percent(score) : short(score));

/** Shows scores as bars. The next response moves the same bars, so that the eye can follow the changes. */
export function barView() {
  const list = h('ol', { className: 'bars', 'aria-label': 'Scores' });
  const scale = h('p', { className: 'hint', hidden: true });

  function show(scores) {
    const [least, most] = rangeOf(scores);
    const partOf = score => (most > least ? (score - least) / (most - least) : score < 0 ? 1 : 0);
    draw(list, scores.slice(0, mostBars), scores, score => (Number.isFinite(score) ? partOf(score) : score === Infinity ? 1 : 0));
    scale.hidden = least === 0;
    write(scale, `The bars begin at ${short(least)}.`);
  }

  return { element: h('div', {}, list, scale), draw: show };
}

/**
 * Returns the scores of an empty and of a full bar. Bars begin at 0, or at the least score when scores are negative, so that a lower score
 * never has a longer bar.
 */
function rangeOf(scores) {
  if (areProbabilities(scores)) return [0, 1];
  const values = scores.map(entry => entry.score).filter(Number.isFinite);
  return [Math.min(0, ...values), Math.max(...values)];
}

/**
 * @param {{label: string, score: number}[]} scores the scores to draw
 * @param all all scores of the response
 * @param partOf returns the part of its track that a score's bar fills
 */
function draw(list, scores, all, partOf) {
  const best = bestOf(all)?.score;
  while (list.children.length > scores.length) list.lastChild.remove();
  while (list.children.length < scores.length) {
    list.append(h('li', {}, h('span', { className: 'label' }), h('span', { className: 'track', 'aria-hidden': 'true' }, h('span', { className: 'bar' })), h('span', { className: 'score' })));
  }
  scores.forEach(({ label, score }, i) => {
    const [name, track, number] = list.children[i].children;
    name.textContent = label;
    sizeBar(track.firstChild, partOf(score));
    number.textContent = scoreText(score, all);
    list.children[i].classList.toggle('best', score === best);
  });
}

/**
 * Whether a response describes one item, so that its scores can be bars. The predictions of a model without a batch dimension are its whole
 * output: a list of numbers is one item, and the rows of a matrix are a table.
 */
export function isOfOne({ predictions, labels }, { batch }) {
  if (Array.isArray(labels?.[0]) && labels.length > 1) return false;
  const shape = predictions?.shape ?? (Array.isArray(predictions) ? [predictions.length] : null);
  if (batch !== 'none' || shape?.[0] === 1) return shape?.[0] === 1;
  return !shape || (predictions.data ? shape.length === 1 : predictions.every(value => numberOf(value) !== undefined));
}

/**
 * The scores of the only item: of its labels, or the values of a short output; empty when the answer has neither.
 * Labels that were left out are marked by isCut, and scores with labels by areLabelled. What the task makes of its outputs is in
 * areProbabilities.
 */
export function scoresOf(body, model, request) {
  const ofTask = findTask(body, model);
  const ofLabels = ofTask ?? findMap(body, model);
  const scores = ofLabels ? [...ofLabels] : find(body, model);
  scores.areLabelled = Boolean(ofLabels) || scores.areLabelled;
  scores.isCut = scores.length < model.labels.length;
  const applied = ofTask ? functionOf(model, request) : undefined;
  scores.areProbabilities = applied && applied !== 'none';
  return scores;
}

/** The function that makes scores of the outputs: the request's, or the model's. Zero-shot classification has probabilities. */
const functionOf = (model, { body }) => (model.task === 'zero-shot-classification'
  ? 'softmax'
  : (typeof body === 'string' ? readJson(body)?.parameters?.function_to_apply : null) ?? model.scores);

function findTask(body, model) {
  // The predictions of an image classifier are logits. Its labels have the scores.
  return labelled(body.predictions) ?? labelled(body) ?? (model.task === 'image-classification' ? labelled(body.labels) : null);
}

/**
 * Returns the map of labels to scores in a prediction, for a model with one output of maps, such as a classifier that scikit-learn exports.
 * Null for other models.
 */
export function mapOf(prediction, { outputs = [] }) {
  const names = new Set(outputs.map(({ name, partOf }) => partOf ?? name));
  const maps = [...new Set(outputs.filter(({ part }) => part?.startsWith('values of a map')).map(({ partOf }) => partOf))];
  if (maps.length !== 1) return null;
  const map = names.size === 1 ? prediction : prediction?.[maps[0]];
  return map && Object.values(map).every(score => numberOf(score) !== undefined) ? map : null;
}

/** Returns the labels of a map with their scores. */
export const entriesOf = map => Object.entries(map).map(([label, score]) => ({ label, score: numberOf(score) }));

/** The entries of the one item's map. Of many labels, the best ones are first. */
function findMap({ predictions }, model) {
  const map = mapOf(Array.isArray(predictions) ? predictions[0] : predictions, model);
  if (!map) return null;
  const scores = entriesOf(map);
  return scores.length > mostBars ? scores.toSorted(byScore) : scores;
}

function find(body, model) {
  const predictions = body.predictions;
  const first = predictions?.[0];
  const isList = Array.isArray(predictions) && numberOf(first) !== undefined;
  const values = (Array.isArray(first) ? first : isList ? predictions : []).flat(Infinity).map(numberOf);
  if (values.length < 2 || values.length > mostBars || values.includes(undefined)) return Object.assign(scored(body.labels?.[0]), { areLabelled: true });
  const labels = labelsOf(model, values.length);
  return Object.assign(values.map((score, i) => ({ label: labels?.[i] ?? `${i}`, score })), { areLabelled: labels !== null });
}

/** Returns the labels of a number of values; null when the model has no labels, or another number of them. */
export const labelsOf = ({ labels }, count) => (labels.length === count && count > 0 ? labels : null);

/** Returns the labels of a response with their scores as numbers. Labels without a score are left out. */
export const scored = labels => (Array.isArray(labels) ? labels : [])
  .map(entry => ({ label: entry?.label, score: numberOf(entry?.score) }))
  .filter(({ score }) => score !== undefined);

/** Returns labels with scores, from a list of both or from the two lists of zero-shot classification; null for other values. */
function labelled(value) {
  const first = Array.isArray(value) && Array.isArray(value[0]) ? value[0] : Array.isArray(value) && value[0]?.labels ? value[0] : value;
  if (Array.isArray(first) && first.length && first.every(entry => typeof entry?.label === 'string' && numberOf(entry.score) !== undefined)) return scored(first);
  if (Array.isArray(first?.labels) && Array.isArray(first.scores)) return scored(first.labels.map((label, i) => ({ label, score: first.scores[i] })));
  return null;
}
