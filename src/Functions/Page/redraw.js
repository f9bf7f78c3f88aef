/** Replaces content while a user acts on it. */

const focusable = 'a, button, input, select, textarea, summary, [tabindex]';

/** The element on which a pointer or the space bar is pressed. Its click comes when the press ends. */
let pressed = null;

/** What to draw when the press has ended, by the element to draw into. */
const held = new Map();

addEventListener('pointerdown', event => { pressed = event.target; }, true);
addEventListener('keydown', event => { if (event.key === ' ') pressed = event.target; }, true);
for (const type of ['pointerup', 'pointercancel', 'keyup']) addEventListener(type, release, true);
addEventListener('blur', release);

function release() {
  pressed = null;
  // The browser dispatches the click in the task of the release.
  setTimeout(() => {
    for (const [holder, draw] of [...held]) redraw(holder, draw);
  });
}

/**
 * Replaces the children of an element. Opened lines stay open, boxes stay scrolled, and the focus stays. During a press in the element,
 * the old children stay, because a browser raises no click on an element that is replaced between press and release.
 * @param draw returns the new children.
 */
export function redraw(holder, draw) {
  if (pressed && holder.contains(pressed)) {
    held.set(holder, draw);
    return;
  }
  held.delete(holder);
  const open = [...holder.querySelectorAll('.one-line.open .line')].map(line => line.textContent);
  const scrolled = [...holder.querySelectorAll('.scroll')].map(box => [nameOf(box), box.scrollLeft, box.scrollTop]);
  keepFocus(holder, () => holder.replaceChildren(...draw()));
  for (const line of holder.querySelectorAll('.one-line .line')) if (open.includes(line.textContent)) line.nextSibling?.click();
  for (const box of holder.querySelectorAll('.scroll')) {
    const before = scrolled.find(([name]) => name === nameOf(box));
    if (before) [, box.scrollLeft, box.scrollTop] = before;
  }
}

/** Changes the content of an element. The focus and the selection stay in the field with the same name. */
export function keepFocus(holder, change) {
  const focused = holder.contains(document.activeElement) ? document.activeElement : null;
  const name = focused && nameOf(focused);
  const [start, end] = [focused?.selectionStart, focused?.selectionEnd];
  change();
  if (!focused || focused === document.activeElement) return;
  const next = [...holder.querySelectorAll(focusable)].find(element => element.tagName === focused.tagName && nameOf(element) === name);
  next?.focus({ preventScroll: true });
  if (Number.isInteger(start)) next?.setSelectionRange(start, end);
}

const nameOf = element => element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
