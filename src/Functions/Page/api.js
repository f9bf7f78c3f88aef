/** Where the routes are: the page's files are one level below them, whatever the host's route prefix. */
export const base = new URL('..', import.meta.url);

const storedKey = 'key';
const largeAnswer = 500_000;
let asked = null;
let refused = false;

/** The window's event after the user has entered a key. */
export const keyChanged = 'keychange';

/** Whether the server wanted a key of this tab. */
export const usesKey = () => sessionStorage.getItem(storedKey) !== null;

export const forgetKey = () => sessionStorage.removeItem(storedKey);

/**
 * Calls a route and asks for the key when the server wants one. Never throws: what went wrong is the answer's message.
 * @param options.quiet the call runs without a click, so it does not ask again after the user refused to give a key.
 * @param options.silent the call never asks for a key.
 * @param options.admin the route takes the admin key only.
 * @param options.signal aborts the call. The answer's message then says that it was cancelled.
 * @param options.blob also returns the answer as a blob, and reads a large one in a worker.
 * @returns {{ok: boolean, status: number, headers: Headers, body: any, blob: ?Blob, message: string, seconds: number}}
 * status 0: not reached.
 */
export async function call(path, { method = 'GET', body, type, headers = {}, quiet = false, silent = false, admin = false, blob = false, signal } = {}) {
  for (;;) {
    const key = sessionStorage.getItem(storedKey);
    const answer = await send(path, method, body, { ...headers, ...(type && { 'Content-Type': type }), ...(key && { 'x-functions-key': key }) }, blob, signal);
    if (answer.status !== 401 || silent) return answer;
    if (sessionStorage.getItem(storedKey) !== key) continue;
    if ((quiet && refused) || !(await askForKey(key ? (admin ? 'This key was not accepted here: the admin key is needed.' : 'This key was not accepted.') : answer.message))) return answer;
  }
}

export const postJson = (path, json, headers) => call(path, { method: 'POST', body: json, type: 'application/json', headers });

async function send(path, method, body, headers, asBlob, signal) {
  const started = performance.now();
  try {
    const response = await fetch(new URL(path, base), { method, body, headers, signal, cache: 'no-store' });
    const seconds = () => (performance.now() - started) / 1000;
    const status = { ok: response.ok, status: response.status, headers: response.headers };
    if (asBlob && response.ok) {
      const blob = await response.blob();
      const took = seconds();
      return { ...status, body: await readBlob(blob), blob, message: '', seconds: took };
    }

    // Descriptions of models have examples, which are sent again.
    const content = parse(await response.text(), path.startsWith('models/') ? exact : undefined);
    const message = response.ok ? '' : content?.detail ?? content?.error?.message ?? content?.error ?? content?.message ?? (content || `${response.status} ${response.statusText}`);
    return { ...status, body: content, blob: null, message, seconds: seconds() };
  } catch {
    return { ok: false, status: 0, headers: new Headers(), body: null, blob: null, message: signal?.aborted ? 'Cancelled.' : 'The server cannot be reached.', seconds: NaN };
  }
}

/** A large answer is read in a worker, so that the page still moves meanwhile. */
async function readBlob(blob) {
  if (blob.size < largeAnswer) return parse(await blob.text(), exact);
  const worker = new Worker(new URL('answer-worker.js', import.meta.url), { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
      worker.postMessage(blob);
    });
  } finally {
    worker.terminate();
  }
}

/** Keeps the digits of whole numbers that a number of JavaScript cannot hold, where the browser can. */
const exact = (_, value, context) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source) && JSON.rawJSON ? JSON.rawJSON(context.source) : value;

function parse(text, reviver) {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return text;
  }
}

/** One dialog, however many calls wait for the key. */
export function askForKey(reason) {
  asked ??= new Promise(resolve => {
    const dialog = document.getElementById('key-dialog');
    const input = document.getElementById('key-input');
    document.getElementById('key-reason').textContent = reason;
    input.value = '';
    dialog.returnValue = 'cancel';
    dialog.addEventListener('close', () => {
      asked = null;
      refused = dialog.returnValue !== 'ok' || input.value === '';
      if (!refused) {
        sessionStorage.setItem(storedKey, input.value.trim());
        dispatchEvent(new Event(keyChanged));
      }
      input.value = '';
      resolve(!refused);
    }, { once: true });
    dialog.showModal();
    input.focus();
  });
  return asked;
}
