import { compact, parseLarge } from './arrays.js';

/** Parses a large response outside the page's thread. Large arrays of numbers become typed arrays, which are transferred without a copy. */
onmessage = async ({ data: blob }) => {
  const buffers = [];
  let body = '';
  try {
    body = await blob.text();
    body = compact(parseLarge(body), buffers);
  } catch {
    // The response is not JSON, or it is too long for a text. The page shows its beginning and offers the whole as a download.
  }
  postMessage(body, buffers);
};
