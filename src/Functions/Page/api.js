/** Where the routes are: the page's files are one level below them, whatever the host's route prefix. */
export const base = new URL('..', import.meta.url);

const storedKey = 'key';
let asked = null;
let refused = false;

/** Whether the server wanted a key of this tab. */
export const usesKey = () => sessionStorage.getItem(storedKey) !== null;

/**
 * Calls a route and asks for the key when the server wants one. Never throws: what went wrong is the answer's message.
 * @returns {{ok: boolean, status: number, headers: Headers, body: any, message: string, seconds: number}} status 0: not reached.
 */
export async function call(path, { method = 'GET', body, type, headers = {}, quiet = false } = {}) {
  for (;;) {
    const key = sessionStorage.getItem(storedKey);
    const answer = await send(path, method, body, { ...headers, ...(type && { 'Content-Type': type }), ...(key && { 'x-functions-key': key }) });
    if (answer.status !== 401) return answer;
    if (sessionStorage.getItem(storedKey) !== key) continue;
    // What runs by itself does not ask again after a no.
    if ((quiet && refused) || !(await askForKey(answer.message))) return answer;
  }
}

export const postJson = (path, json, headers) => call(path, { method: 'POST', body: json, type: 'application/json', headers });

async function send(path, method, body, headers) {
  const started = performance.now();
  try {
    const response = await fetch(new URL(path, base), { method, body, headers, cache: 'no-store' });
    const text = await response.text();
    const content = parse(text);
    const message = response.ok ? '' : content?.detail ?? content?.error ?? (text || `${response.status} ${response.statusText}`);
    return { ok: response.ok, status: response.status, headers: response.headers, body: content, message, seconds: (performance.now() - started) / 1000 };
  } catch {
    return { ok: false, status: 0, headers: new Headers(), body: null, message: 'The server cannot be reached.', seconds: NaN };
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One dialog, however many calls wait for the key. */
function askForKey(reason) {
  asked ??= new Promise(resolve => {
    const dialog = document.getElementById('key-dialog');
    const input = document.getElementById('key-input');
    document.getElementById('key-reason').textContent = reason;
    input.value = '';
    dialog.returnValue = 'cancel';
    dialog.addEventListener('close', () => {
      asked = null;
      refused = dialog.returnValue !== 'ok' || input.value === '';
      if (!refused) sessionStorage.setItem(storedKey, input.value.trim());
      input.value = '';
      resolve(!refused);
    }, { once: true });
    dialog.showModal();
    input.focus();
  });
  return asked;
}
