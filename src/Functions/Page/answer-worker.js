import { compact } from './arrays.js';

/** Reads a large answer off the page's thread and returns large arrays of numbers as typed arrays, which cost no copy. */
onmessage = async ({ data: blob }) => {
  const buffers = [];
  let body = await blob.text();
  try {
    body = compact(JSON.parse(body), buffers);
  } catch {
    // Not JSON: the page shows the text.
  }
  postMessage(body, buffers);
};
