import { askForKey } from './api.js';
import { showModels } from './models.js';
import { showJobs } from './jobs.js';
import { showOperations } from './operations.js';
import { showReference } from './reference.js';

const pages = { models: showModels, operations: showOperations, jobs: showJobs, reference: showReference };
const shown = new Set();

/** Shows the page and the item that the address names after its #, such as #models/iris. */
function navigate() {
  if (location.hash === '#main') return;
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const page = pages[name] ? name : 'models';
  for (const other of Object.keys(pages)) {
    document.getElementById(`page-${other}`).hidden = other !== page;
    const link = document.querySelector(`nav a[href="#${other}"]`);
    if (other === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const section = document.getElementById(`page-${page}`);
  pages[page](section, decoded(rest.join('/')), !shown.has(page));
  shown.add(page);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    // A user typed the address, with a percent sign that encodes nothing.
    return text;
  }
}

document.getElementById('key-button').addEventListener('click', async () => {
  if (await askForKey('The calls of this page send it. The admin key opens all pages.')) navigate();
});
addEventListener('hashchange', navigate);
navigate();
