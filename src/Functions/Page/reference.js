import { call } from './api.js';
import { h } from './dom.js';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** The routes, from the description that the server gives of itself. */
export async function showReference(section, _, isFirst) {
  if (!isFirst) return;
  section.append(h('h2', {}, 'API reference'));
  const answer = await call('openapi.json');
  if (!answer.ok) {
    section.append(h('p', { role: 'alert', className: 'error' }, answer.status === 404 ? 'This server has no description of its routes (/openapi.json).' : answer.message));
    return;
  }
  const document = answer.body;
  section.append(h('p', {}, document.info?.description ?? document.info?.title ?? ''), h('p', {}, h('a', { href: new URL('openapi.json', new URL('..', import.meta.url)).href }, 'openapi.json')));
  for (const [tag, operations] of grouped(document)) {
    section.append(h('h3', {}, tag), ...operations.map(one => operation(document, one)));
  }
}

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

function operation(document, { path, method, summary, description, parameters, requestBody, responses }) {
  const body = resolve(document, requestBody);
  return h('details', { className: 'operation' },
    h('summary', {}, h('code', { className: `method ${method}` }, method.toUpperCase()), ' ', h('code', {}, path), ' ', h('span', { className: 'hint' }, summary ?? '')),
    description ? h('p', {}, description) : null,
    parameters.length ? parameterTable(parameters.map(parameter => resolve(document, parameter))) : null,
    body ? [h('h4', {}, 'Body'), contents(document, body.content)] : null,
    h('h4', {}, 'Answers'),
    h('dl', { className: 'answers' }, Object.entries(responses ?? {}).map(([status, response]) => {
      const told = resolve(document, response);
      return h('div', {}, h('dt', {}, status), h('dd', {}, told.description ?? '', contents(document, told.content)));
    })));
}

const parameterTable = parameters => h('table', {},
  h('caption', {}, 'Parameters'),
  h('thead', {}, h('tr', {}, ['Name', 'In', 'Meaning'].map(text => h('th', { scope: 'col' }, text)))),
  h('tbody', {}, parameters.map(parameter => h('tr', {},
    h('th', { scope: 'row' }, h('code', {}, parameter.name)), h('td', {}, parameter.in), h('td', {}, parameter.description ?? '')))));

/** A folded schema and example for each type of content. */
const contents = (document, content) => h('div', {}, Object.entries(content ?? {}).map(([type, media]) =>
  h('details', {}, h('summary', {}, type), h('pre', { tabIndex: 0 }, JSON.stringify(media.example ?? Object.values(media.examples ?? {})[0]?.value ?? expanded(document, media.schema), null, 2) ?? ''))));

/** What a reference within the document stands for. */
function resolve(document, value) {
  if (!value?.$ref?.startsWith('#/')) return value;
  return value.$ref.slice(2).split('/').reduce((place, name) => place?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document) ?? {};
}

/** A schema with its references put in, but for those within themselves. */
function expanded(document, schema, within = []) {
  if (Array.isArray(schema)) return schema.map(one => expanded(document, one, within));
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.$ref) return within.includes(schema.$ref) ? schema : expanded(document, resolve(document, schema), [...within, schema.$ref]);
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, expanded(document, value, within)]));
}
