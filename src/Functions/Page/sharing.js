/** Whether requests share runs, in a few words. */
export const SHARING = {
  proven: 'shared runs, proven', declared: 'shared runs, declared', pending: 'shared runs: being examined', notProven: 'no shared runs: not proven',
  none: 'no shared runs', singleItem: 'one item a run',
};

/** Whether requests share runs, why not, and what the owner can do about it. */
export const batchingFacts = batching => (batching
  ? [`${SHARING[batching.contract] ?? batching.contract}.`, batching.violation, batching.reason, batching.advice].filter(part => part).join(' ')
  : '');
