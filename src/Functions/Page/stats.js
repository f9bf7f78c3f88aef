import { call } from './api.js';

const period = 1000;
const history = 60;

/** What each version did, by name/version: totals since the server started, and points of the last minute. */
export const live = new Map();

/**
 * Looks at the statistics every second while the page can be seen, and tells what is new.
 * @param changed called after each look; with the server's message when it fails.
 */
export function watch(changed) {
  let timer = 0;
  const look = async () => {
    const answer = await call('v2/models/stats', { quiet: true });
    if (answer.ok) take(answer.body.model_stats, performance.now() / 1000);
    changed(answer.ok ? '' : answer.message);
    if (!document.hidden) timer = setTimeout(look, period);
  };
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (!document.hidden) look();
  });
  look();
}

/** The sums of one version since the server started; times in seconds. */
function totalOf(model, now) {
  const { success, fail, queue, compute_input: input, compute_infer: run, compute_output: output } = model.inference_stats;
  return {
    id: `${model.name}/${model.version}`, time: now, requests: success.count + fail.count, succeeded: success.count, failed: fail.count,
    seconds: success.ns / 1e9, queue: queue.ns / 1e9, input: input.ns / 1e9, run: run.ns / 1e9, output: output.ns / 1e9,
  };
}

export const latestTotals = models => models.map(model => totalOf(model, 0));

function take(models, now) {
  for (const model of models) {
    const total = totalOf(model, now);
    const { id } = total;
    const known = live.get(id) ?? { points: [] };
    if (known.total) known.points.push(difference(known.total, total));
    if (known.points.length > history) known.points.shift();
    live.set(id, { points: known.points, total, batches: model.batch_stats });
  }
}

function difference(before, after) {
  const succeeded = after.succeeded - before.succeeded;
  return {
    rate: Math.max(0, (after.requests - before.requests) / (after.time - before.time)),
    latency: succeeded > 0 ? (after.seconds - before.seconds) / succeeded : null,
  };
}

/** Requests a second and mean latency of the last five seconds, or since the start when there were none lately. */
export function recent(id) {
  const known = live.get(id);
  if (!known) return { rate: 0, latency: NaN };
  const points = known.points.slice(-5);
  const rate = points.length ? points.reduce((sum, point) => sum + point.rate, 0) / points.length : 0;
  const latest = points.filter(point => point.latency !== null).at(-1);
  return { rate, latency: latest?.latency ?? (known.total.succeeded ? known.total.seconds / known.total.succeeded : NaN) };
}

/**
 * The histogram of whole requests, which the server reports in Prometheus' form. Not there under a Functions host.
 * @returns {Promise<?{limits: number[], counts: number[]}>} counts[i] took at most limits[i] seconds and more than limits[i - 1].
 */
export async function latencies(model) {
  const answer = await call('metrics', { quiet: true });
  if (!answer.ok || typeof answer.body !== 'string') return null;
  const sums = new Map();
  const line = /^inference_request_duration_seconds_bucket\{([^}]*)\} (\d+)/gm;
  for (const [, labels, count] of answer.body.matchAll(line)) {
    if (!labels.includes(`model="${model}"`)) continue;
    const limit = Number(/le="([^"]*)"/.exec(labels)[1].replace('+Inf', 'Infinity'));
    sums.set(limit, (sums.get(limit) ?? 0) + Number(count));
  }
  const limits = [...sums.keys()].sort((a, b) => a - b);
  return { limits, counts: limits.map((limit, i) => sums.get(limit) - (i ? sums.get(limits[i - 1]) : 0)) };
}
