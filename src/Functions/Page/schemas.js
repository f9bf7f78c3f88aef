import { isScalar } from './arrays.js';

/** Returns the part of the document that a reference names. Other values are returned unchanged. */
export function resolve(document, value) {
  if (!value?.$ref?.startsWith('#/')) return value;
  return value.$ref.slice(2).split('/').reduce((place, name) => place?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document) ?? {};
}

/**
 * Returns a schema in which each reference is replaced with its schema, except for references to an enclosing schema. Examples are left
 * out.
 */
export function expanded(document, schema, within = []) {
  if (Array.isArray(schema)) return schema.map(one => expanded(document, one, within));
  if (isScalar(schema)) return schema;
  if (schema.$ref) return within.includes(schema.$ref) ? schema : expanded(document, resolve(document, schema), [...within, schema.$ref]);
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== 'example').map(([name, value]) => [name, expanded(document, value, within)]));
}

const simple = { string: 'text', integer: 0, number: 0.5, boolean: true };
const deepest = 8;

/** Returns the example of a schema, or a value made from the parts of the schema. */
export function exampleOf(document, schema, depth = 0) {
  const found = resolve(document, schema);
  if (!found || depth > deepest) return null;
  if (found.example !== undefined) return found.example;
  if (found.default !== undefined) return found.default;
  if (found.enum) return found.enum[0];
  const choice = (found.oneOf ?? found.anyOf)?.[0];
  if (choice) return exampleOf(document, choice, depth + 1);
  if (found.type === 'array') return Array(Math.min(found.minItems ?? 1, 8)).fill(exampleOf(document, found.items, depth + 1));
  if (found.properties) return ofProperties(document, found, depth);
  return found.type === 'object' ? {} : simple[found.type] ?? null;
}

/**
 * Returns an object of the schema. If the outermost schema has required members, the object has only these. Nested objects have all their
 * members.
 */
function ofProperties(document, { properties, required }, depth) {
  const names = Object.keys(properties).filter(name => !required?.length || required.includes(name) || depth > 0);
  return Object.fromEntries(names.map(name => [name, exampleOf(document, properties[name], depth + 1)]));
}
