import { base, usesKey } from './api.js';
import { downloadLink, h } from './dom.js';

const languages = { curl, Python: python, 'C#': csharp };

/** The maximum number of characters of a body in the code. A longer body is in a file, so that the code stays readable. */
const mostTyped = 4000;

/** Shows the request as code to copy. */
export function snippetView() {
  const code = h('code');
  const said = h('span', { role: 'status', className: 'hint' });
  const download = h('span');
  let request = null;
  let language = 'curl';
  const choices = Object.keys(languages).map(name =>
    h('button', { type: 'button', 'aria-pressed': `${name === language}`, onclick: () => choose(name) }, name));

  function choose(name) {
    language = name;
    choices.forEach(button => button.setAttribute('aria-pressed', `${button.textContent === name}`));
    show(request);
  }

  function show(next) {
    request = next && next.body.length > mostTyped ? { ...next, file: 'request.json', isLong: true } : next;
    said.textContent = '';
    code.textContent = request ? languages[language](request) : '';
    download.replaceChildren(...(request && (request.headers || request.isLong) ? [downloadLink(`Download ${request.file}`, new Blob([request.body]), request.file)] : []));
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = 'Selected: copy it with the keyboard.';
    }
  }

  return {
    element: h('div', {},
      h('div', { className: 'row' }, h('div', { className: 'choices', role: 'group', 'aria-label': 'Language' }, choices), h('button', { type: 'button', onclick: copy }, 'Copy'), download, said),
      h('pre', { tabIndex: 0, role: 'group', 'aria-label': 'Code' }, code)),
    show,
  };
}

const url = request => new URL(request.path, base).href;

/** Quotes a text for a POSIX shell. */
const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

const extra = (request, write) => Object.entries(request.headers ?? {}).map(([name, value]) => write(name, value)).join('');

function curl(request) {
  const key = usesKey() ? " \\\n  -H \"x-functions-key: $KEY\"" : '';
  const data = request.file ? `--data-binary @${quoted(request.file)}` : `-d ${quoted(request.body)}`;
  return `curl ${quoted(url(request))} \\\n  -H 'Content-Type: ${request.type}'${extra(request, (name, value) => ` \\\n  -H '${name}: ${value}'`)}${key} \\\n  ${data}`;
}

function python(request) {
  const key = usesKey() ? ', "x-functions-key": os.environ["KEY"]' : '';
  const data = request.file ? `open(${JSON.stringify(request.file)}, "rb").read()` : `${pythonText(request.body)}.encode()`;
  return `import json, ${usesKey() ? 'os, ' : ''}urllib.request

request = urllib.request.Request(
    ${JSON.stringify(url(request))},
    data=${data},
    headers={"Content-Type": "${request.type}"${extra(request, (name, value) => `, "${name}": "${value}"`)}${key}})
with urllib.request.urlopen(request) as response:
    print(json.load(response))`;
}

/** Returns a text as a Python string. Python has the same escapes as JSON. */
const pythonText = text => JSON.stringify(text);

function csharp(request) {
  const key = usesKey() ? '\nclient.DefaultRequestHeaders.Add("x-functions-key", Environment.GetEnvironmentVariable("KEY"));' : '';
  const content = request.file
    ? `new ByteArrayContent(File.ReadAllBytes(${JSON.stringify(request.file)}));\ncontent.Headers.ContentType = new("${request.type}")${extra(request, (name, value) => `;\ncontent.Headers.Add("${name}", "${value}")`)}`
    : `new StringContent(${raw(request.body)}, System.Text.Encoding.UTF8, "${request.type}")`;
  return `using var client = new HttpClient();${key}
using var content = ${content};
using var response = await client.PostAsync(${JSON.stringify(url(request))}, content);
Console.WriteLine(await response.Content.ReadAsStringAsync());`;
}

/** Returns a text as a raw string of C#. Its delimiter has more quotes than the longest series of quotes in the text. */
function raw(text) {
  const most = Math.max(2, ...(text.match(/"+/g) ?? []).map(quotes => quotes.length));
  const quotes = '"'.repeat(most + 1);
  return text.startsWith('"') || text.endsWith('"') || text.includes('\n') ? `\n    ${quotes}\n    ${text.replaceAll('\n', '\n    ')}\n    ${quotes}` : `${quotes}${text}${quotes}`;
}
