import { h, oneLine, ownWords } from './dom.js';

/** Whether requests can name a version. The settings of a model may leave versions out on purpose. */
export const isServed = ({ state }) => state !== 'notServed';

/** Returns a state in words. */
export const stateOf = state => (state === 'notServed' ? 'not served' : state);

/**
 * Returns versions, or the list of models, as JSON to detect a change that the page shows. The counts of a shadow change with the requests
 * and are not shown.
 */
export const snapshotOf = value => JSON.stringify(value, (name, part) => (name === 'shadow' ? undefined : part));

/** Creates the choices of a version: the default and the served versions, the newest first. */
export const versionOptions = (versions, byDefault) => [
  h('option', { value: '' }, byDefault),
  ...versions.filter(isServed).toReversed().map(({ version, state }) => h('option', { value: `${version}` }, `${version}${state === 'failed' ? ' (failed)' : ''}`))];

/** Shows the reason of a state in one line. Only the reason of a failure is an error. */
export const reasonLine = ({ state, reason }, name) => oneLine(name + ownWords(reason), state === 'notServed' ? 'hint' : 'error');

/** Describes the versions that the settings leave out, with the reason of the newest one; empty when there are none. */
export function describeNotServed(versions) {
  const out = versions.filter(version => !isServed(version));
  return out.length ? `${out.length > 1 ? 'versions' : 'version'} ${out.map(({ version }) => version).join(', ')}. ${out.at(-1).reason ?? ''}`.trim() : '';
}
