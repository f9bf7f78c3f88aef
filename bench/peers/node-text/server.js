// A plain Node service for embeddings and ranks, written from the documentation of @huggingface/transformers.
//
//     node server.js <port> <folder of the models>
import http from 'node:http';
import { AutoModelForSequenceClassification, AutoTokenizer, env, pipeline } from '@huggingface/transformers';

const [port, folder] = process.argv.slice(2);
env.localModelPath = folder;
env.allowRemoteModels = false;

const embed = await pipeline('feature-extraction', 'embedder', { dtype: 'fp32' });
const tokenizer = await AutoTokenizer.from_pretrained('ranker');
const ranker = await AutoModelForSequenceClassification.from_pretrained('ranker', { dtype: 'fp32' });

async function answer({ inputs, query, texts }) {
  if (query === undefined) {
    return (await embed(inputs, { pooling: 'mean', normalize: true })).tolist();
  }
  const pairs = tokenizer(Array(texts.length).fill(query), { text_pair: texts, padding: true, truncation: true });
  const scores = (await ranker(pairs)).logits.sigmoid().tolist();
  return scores.map(([score], index) => ({ index, score })).sort((left, right) => right.score - left.score);
}

http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const body = JSON.stringify(await answer(JSON.parse(Buffer.concat(chunks).toString())));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
    }
  });
}).listen(Number(port), '127.0.0.1');
