// A plain Node service around ONNX Runtime, written from the packages' documentation: a peer of the load comparison.
//
//     node server.js <port> <model's name> <model.onnx>
const http = require('node:http');
const ort = require('onnxruntime-node');

const [port, name, path] = process.argv.slice(2);

async function main() {
  const session = await ort.InferenceSession.create(path);
  const [input] = session.inputMetadata;
  const shape = input.shape.map((dimension) => (typeof dimension === 'number' ? dimension : 1));
  const [output] = session.outputNames;

  async function predict(body) {
    const { features } = JSON.parse(body);
    const tensor = new ort.Tensor('float32', Float32Array.from(features), shape);
    const results = await session.run({ [input.name]: tensor });
    return JSON.stringify({ model: name, version: 1, predictions: [Array.from(results[output].data)] });
  }

  const server = http.createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== `/models/${name}/predict`) {
      response.writeHead(404).end();
      return;
    }
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const answer = await predict(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      } catch (error) {
        response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
      }
    });
  });
  server.listen(Number(port), '127.0.0.1');
}

main();
