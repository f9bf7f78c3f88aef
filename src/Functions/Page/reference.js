import { askForKey, base, call, keyChanged, usesKey } from './api.js';
import { asWritten, textOf } from './arrays.js';
import { bytes, duration, field, h, startOfBlob, table } from './dom.js';
import { exampleOf, expanded, resolve } from './schemas.js';
import { turns } from './turns.js';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
const mostText = 20_000;
const noExample = 'No example: no loaded model accepts this call with a short body. Load a model that does.';

const turn = turns();
const problem = h('p', { role: 'alert', className: 'error', hidden: true });
const content = h('div');
const key = h('span', { className: 'hint' });
const authorize = h('button', { type: 'button', onclick: () => askForKey('Calls of this page send it as x-functions-key.') }, 'Authorize');
/** The document that is shown, as JSON. */
let drawn = '';
/** The forms that the user has changed or sent, by the operations. They stay when the document changes. */
const used = new Map();

/** Shows the routes, from the server's OpenAPI document. The document has examples of the loaded models, so it is read at each opening. */
export async function showReference(section, _, isFirst) {
  if (isFirst) {
    section.append(h('h2', {}, 'API reference'), problem, content);
    addEventListener(keyChanged, showKey);
  }
  showKey();
  const isLast = turn();
  const answer = await call('openapi.json');
  if (!isLast()) return;
  problem.hidden = answer.ok;
  problem.textContent = answer.status === 404 ? 'This server has no description of its routes (/openapi.json).' : answer.message;
  const now = JSON.stringify(answer.body);
  if (!answer.ok || now === drawn) return;
  drawn = now;
  draw(answer.body);
}

function draw(document) {
  const open = new Set([...content.querySelectorAll('.operation[open]')].map(({ dataset }) => dataset.name));
  content.replaceChildren(
    h('p', {}, `${document.info?.title ?? ''} ${document.info?.version ?? ''} · `, h('a', { href: new URL('openapi.json', base).href }, 'openapi.json')),
    h('div', { className: 'row' }, authorize, key),
    ...[...grouped(document)].flatMap(([tag, operations]) => [h('h3', {}, tag), ...operations.map(one => operation(document, one, open.has(nameOf(one))))]));
}

const showKey = () => { key.textContent = usesKey() ? 'Calls of this page send your key.' : 'No key is set.'; };

function grouped(document) {
  const groups = new Map();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods.filter(method => item[method])) {
      const tag = item[method].tags?.[0] ?? 'Routes';
      groups.set(tag, [...(groups.get(tag) ?? []), { path, method, parameters: item.parameters ?? [], ...item[method] }]);
    }
  }
  return groups;
}

const nameOf = ({ method, path }) => `${method} ${path}`;

/** Shows one operation. Its content is created when the operation is first opened, because there are many operations. */
function operation(document, described, isOpen) {
  const { path, method, summary } = described;
  const details = h('details', { className: 'operation', 'data-name': nameOf(described), open: isOpen },
    h('summary', {}, h('code', { className: `method ${method}` }, method.toUpperCase()), ' ', h('code', {}, path), ' ', h('span', { className: 'hint' }, summary ?? '')));
  const show = () => details.append(...parts(document, described));
  if (isOpen) show();
  else details.addEventListener('toggle', show, { once: true });
  return details;
}

function parts(document, described) {
  const { description, parameters, requestBody, responses } = described;
  const body = resolve(document, requestBody);
  const resolved = parameters.map(parameter => resolve(document, parameter));
  return [
    description ? h('p', {}, description) : null,
    resolved.length ? parameterTable(resolved) : null,
    body ? h('div', {}, h('h4', {}, 'Body'), contents(document, body.content, requestExample)) : null,
    h('h4', {}, 'Answers'),
    h('dl', { className: 'answers' }, Object.entries(responses ?? {}).map(([status, response]) => {
      const found = resolve(document, response);
      return h('div', {}, h('dt', {}, status), h('dd', {}, found.description ?? '', contents(document, found.content)));
    })),
    h('h4', {}, 'Try it'), formOf(document, described, resolved, body),
  ].filter(part => part);
}

const parameterTable = parameters => table('Parameters', ['Name', 'In', 'Meaning'], parameters.map(parameter =>
  [h('code', {}, parameter.name), parameter.in, parameter.description ?? '']));

/** Returns the example of a request, which the server accepts without changes. A value made from the schema might be refused. */
const requestExample = (document, media) => media.example ?? resolve(document, media.schema)?.example;

const responseExample = (document, media) => media.example ?? exampleOf(document, media.schema) ?? '';

/** Shows a folded example and schema for each media type. */
const contents = (document, content, example = responseExample) => h('div', {}, Object.entries(content ?? {}).map(([type, media]) => h('details', {}, h('summary', {}, type),
  h('h5', {}, 'Example'), pre(example(document, media) ?? noExample, 'Example'),
  h('h5', {}, 'Schema'), pre(expanded(document, media.schema), 'Schema'))));

const pre = (value, label) => h('pre', { tabIndex: 0, role: 'group', 'aria-label': label }, typeof value === 'string' ? value : JSON.stringify(value, null, 1) ?? '');

/** Returns the form of an operation: the one that the user has changed or sent, or else a new one with the document's examples. */
function formOf(document, described, parameters, body) {
  const name = nameOf(described);
  if (used.has(name)) return used.get(name);
  const form = executor(document, described, parameters, body);
  for (const type of ['input', 'submit']) form.addEventListener(type, () => used.set(name, form));
  return form;
}

/** Creates a form with the parameters and the body, and shows the server's response. */
function executor(document, { path, method }, parameters, body) {
  const fields = parameters.map(parameter => [parameter, h('input', { type: 'text', value: textOf(parameter.example ?? ''), required: parameter.required === true })]);
  const json = body?.content?.['application/json'];
  const example = json ? requestExample(document, json) : null;
  const text = json ? h('textarea', { rows: 5, spellcheck: false, value: example === undefined ? '' : JSON.stringify(example) }) : null;
  const missing = json && example === undefined ? h('p', { className: 'hint' }, noExample) : null;
  const status = h('p', { role: 'status', className: 'hint' });
  const shown = h('pre', { tabIndex: 0, hidden: true, role: 'group', 'aria-label': 'Answer' });

  const turn = turns();

  async function execute(event) {
    event.preventDefault();
    const isLast = turn();
    status.textContent = 'Waiting …';
    const used = fields.filter(([parameter, input]) => parameter.required || input.value !== '');
    const of = place => used.filter(([parameter]) => parameter.in === place).map(([parameter, input]) => [parameter.name, input.value]);
    const route = of('path').reduce((route, [name, value]) => route.replace(`{${name}}`, encodeURIComponent(value)), path.slice(1));
    const query = new URLSearchParams(of('query')).toString();
    const answer = await call(`${route}${query ? `?${query}` : ''}`, {
      method: method.toUpperCase(), body: text?.value, type: text ? 'application/json' : undefined, headers: Object.fromEntries(of('header')), blob: true,
    });
    const content = answer.blob ? await startOfBlob(answer.blob, mostText) : answer.body;
    if (!isLast()) return;
    status.textContent = `${answer.status || 'No answer'} in ${duration(answer.seconds)}${answer.blob ? `, ${bytes(answer.blob.size)}` : ''}`;
    shown.hidden = !content;
    shown.textContent = indented(content) + (answer.blob?.size > mostText ? ' …' : '');
  }

  return h('form', { onsubmit: execute }, fields.map(([parameter, input]) => field(parameter.name, input, `${parameter.in}${parameter.required ? '' : ', optional'}`)),
    text ? field('Body', text) : null, missing, h('button', { className: 'primary' }, 'Execute'), status, shown);
}

function indented(content) {
  if (typeof content !== 'string') return JSON.stringify(content, null, 1) ?? '';
  try {
    return JSON.stringify(JSON.parse(content, asWritten), null, 1);
  } catch {
    return content;
  }
}
