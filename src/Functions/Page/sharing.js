/** A short text for each batch contract: whether requests share runs. */
export const SHARING = {
  proven: 'shared runs, proven', declared: 'shared runs, declared', pending: 'shared runs: being examined', notProven: 'no shared runs: not proven',
  none: 'no shared runs', singleItem: 'one item a run',
};

/** Describes whether requests share runs, the reason if they do not, and advice for the owner of the model. */
export const batchingFacts = batching => (batching
  ? [`${SHARING[batching.contract] ?? batching.contract}.`, batching.violation, batching.reason, batching.advice].filter(part => part).join(' ')
  : '');
