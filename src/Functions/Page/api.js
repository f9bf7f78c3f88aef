import { isCutShort } from './arrays.js';

/** The base address of the routes, including a Functions host's route prefix. The page's files are one level below this address. */
export const base = new URL('..', import.meta.url);

const storedKey = 'key';
const largeAnswer = 500_000;
/** The routes whose numbers the page shows, or sends as examples: descriptions of models, jobs and the API. These numbers keep all digits. */
const shown = /^(models\/|jobs|openapi\.json)/;
let asked = null;
let refused = false;

/** The name of the event that the window gets after the user has entered a key. */
export const keyChanged = 'keychange';

/** Whether this tab has a key. */
export const usesKey = () => sessionStorage.getItem(storedKey) !== null;

/**
 * Calls a route, and asks the user for a key when the server requires one. Never throws: the message of the response describes an error.
 * @param options.quiet the call was not started by a click, so a user who has refused to enter a key is not asked again.
 * @param options.silent the user is never asked for a key.
 * @param options.admin the route requires the admin key.
 * @param options.signal aborts the call. The message of the response is then "Cancelled."
 * @param options.blob whether to return the response as a blob too. A large response is parsed in a worker.
 * @returns {{ok: boolean, status: number, headers: Headers, body: any, blob: ?Blob, message: string, seconds: number}} status 0 means that
 * the server was not reached.
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

    const content = parse(await response.text(), shown.test(path) ? exactWithVersions : versionAsText);
    const message = response.ok ? '' : content?.detail ?? content?.error?.message ?? content?.error ?? content?.message ?? (content || `${response.status} ${response.statusText}`);
    return { ...status, body: content, blob: null, message, seconds: seconds() };
  } catch {
    return { ok: false, status: 0, headers: new Headers(), body: null, blob: null, message: signal?.aborted ? 'Cancelled.' : 'The server cannot be reached.', seconds: NaN };
  }
}

/** Parses a response. A large response is parsed in a worker, so that the page stays responsive. */
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

/** Keeps all digits of an integer that a JavaScript number cannot hold, if the browser supports JSON.rawJSON. */
const exact = (_, value, context) => (isCutShort(value, context?.source) && JSON.rawJSON ? JSON.rawJSON(context.source) : value);

/** Keeps all digits of a version, such as 20260101123045123. The page compares versions, so a version of so many digits is a text. */
const versionAsText = (name, value, context) => (name === 'version' && isCutShort(value, context?.source) ? context.source : value);

const exactWithVersions = (name, value, context) => exact(name, versionAsText(name, value, context), context);

function parse(text, reviver) {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return text;
  }
}

/** Asks the user for a key. All calls that wait for a key share one dialog. */
export function askForKey(reason) {
  asked ??= new Promise(resolve => {
    const dialog = document.getElementById('key-dialog');
    const input = document.getElementById('key-input');
    const said = document.getElementById('key-reason');
    said.textContent = reason;
    input.value = '';
    dialog.returnValue = 'cancel';
    dialog.addEventListener('submit', check);
    dialog.addEventListener('close', () => {
      asked = null;
      dialog.removeEventListener('submit', check);
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

    /** Leaves the dialog open when the browser or the server would refuse every call with the key. */
    function check(event) {
      const [wrong] = input.value.trim().match(notInHeaders) ?? [];
      if (!wrong || event.submitter?.value === 'cancel') return;
      event.preventDefault();
      said.textContent = `The key contains ${nameOf(wrong)}. Keys have only letters from A to Z, digits and signs of ASCII. Type or copy the key again.`;
      input.focus();
    }
  });
  return asked;
}

/** Characters that the header of a key cannot have. Text programs replace straight quotes and hyphens with some of them. */
const notInHeaders = /[^ -~]/u;

/** Names a character by its code, and by itself if it can be seen. */
function nameOf(character) {
  const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `"${character}" (${code})` : `the character ${code}`;
}
