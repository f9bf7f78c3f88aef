import { call } from './api.js';

const period = 1000;
const history = 60;

/** The statistics of each version by name/version: the totals since the server's start, and the points of the last minute. */
export const live = new Map();

/**
 * Reads the statistics every second while the page is visible.
 * @param changed called after each reading, with the server's message if the reading failed.
 */
export function watch(changed) {
  let timer = 0;
  let isReading = false;
  const look = async () => {
    // The page may be hidden and shown again during a reading, which then continues the readings.
    if (isReading) return;
    isReading = true;
    const answer = await call('v2/models/stats', { quiet: true });
    isReading = false;
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

/** Returns the totals of one version since the server's start, with times in seconds. */
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

/**
 * Returns the requests per second of the last five readings, and the mean latency of the latest reading with a success. Without such a
 * reading, the latency is the mean since the server's start.
 */
export function recent(id) {
  const known = live.get(id);
  if (!known) return { rate: 0, latency: NaN };
  const points = known.points.slice(-5);
  const rate = points.length ? points.reduce((sum, point) => sum + point.rate, 0) / points.length : 0;
  const latest = points.filter(point => point.latency !== null).at(-1);
  return { rate, latency: latest?.latency ?? (known.total.succeeded ? known.total.seconds / known.total.succeeded : NaN) };
}

/**
 * Reads the histogram of request durations from /metrics, in Prometheus' format.
 * @returns {Promise<?{limits: number[], counts: number[]}>} counts[i] requests took more than limits[i - 1] and at most limits[i] seconds.
 * Null under a Functions host, which has no /metrics.
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
