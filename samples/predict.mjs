// Calls predict and Open Inference, and runs a job. Uses JavaScript's fetch.
// node samples/predict.mjs [address]; the key, if the server asks for one, in $KEY.
import { setTimeout } from 'node:timers/promises';

const address = process.argv[2] ?? 'http://127.0.0.1:7071';

/** Sends POST with JSON, or GET without a body. Throws the server's error, which ends the program. */
async function call(path, body) {
  const response = await fetch(address + path, {
    method: body ? 'POST' : 'GET',
    headers: { 'Content-Type': 'application/json', ...(process.env.KEY && { 'x-functions-key': process.env.KEY }) },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return [await response.json(), response.headers];
}

const features = [5.1, 3.5, 1.4, 0.2];

const [prediction] = await call('/models/iris/predict', { features });
console.log(`predict: ${prediction.labels[0][0].label}`);

const [inference] = await call('/v2/models/iris/infer', { inputs: [{ name: 'measurements', shape: [1, 4], datatype: 'FP32', data: features }] });
console.log(`infer: ${inference.outputs[0].data[0]}`);

let [job, headers] = await call('/models/iris/jobs', { features });
const location = headers.get('location');
while (job.status === 'queued' || job.status === 'running') {
  await setTimeout(1000 * (headers.get('retry-after') ?? 1));
  [job, headers] = await call(location);
}
console.log(`job: ${job.status}, ${job.result.labels[0][0].label}`);
