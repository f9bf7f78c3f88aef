import { compact } from './arrays.js';

/** Parses a large response outside the page's thread. Large arrays of numbers become typed arrays, which are transferred without a copy. */
onmessage = async ({ data: blob }) => {
  const buffers = [];
  let body = await blob.text();
  try {
    body = compact(JSON.parse(body), buffers);
  } catch {
    // The response is not JSON, so the page shows its text.
  }
  postMessage(body, buffers);
};
