// Requests a prediction by queue message, and reads its result. Uses JavaScript's fetch.
// node samples/enqueue.mjs <URL of the queue predictions, with a SAS that may add> <URL of the container prediction-results, with a SAS that may read>
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

const [queue, container] = process.argv.slice(2);

/** Returns the URL of a path below a queue or container, with the same SAS. */
function within(url, path) {
  const place = new URL(url);
  place.pathname += `/${path}`;
  return place;
}

const id = `order-${randomUUID()}`;
const message = JSON.stringify({ id, model: 'iris', request: { features: [5.1, 3.5, 1.4, 0.2] } });
const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const sent = await fetch(within(queue, 'messages'), {
  method: 'POST',
  headers: { 'Content-Type': 'application/xml' },
  body: `<QueueMessage><MessageText>${escaped}</MessageText></QueueMessage>`,
});
if (!sent.ok) throw new Error(`${sent.status} ${await sent.text()}`);

// The prediction has ended when the blob with its result exists.
let answer;
while ((answer = await fetch(within(container, `${id}.json`))).status === 404) await setTimeout(1000);
if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
const result = await answer.json();
console.log(`queue: ${result.status}, ${result.result.labels[0][0].label}`);
