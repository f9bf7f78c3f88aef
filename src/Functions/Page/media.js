import { field, h } from './dom.js';
import { samplePicture } from './samples.js';

/** Type a text. */
export function textForm(_, changed) {
  const text = h('textarea', { rows: 4, value: 'The quick brown fox jumps over the lazy dog.', oninput: changed });
  return {
    element: field('Text', text),
    read: () => ({ type: 'application/json', body: JSON.stringify({ text: text.value }) }),
  };
}

/** Choose a picture; one is there already. */
export function imageForm(_, changed) {
  const preview = h('img', { className: 'preview', alt: 'The picture that is sent' });
  let picture = null;
  let name = 'picture.png';
  const use = (blob, as) => {
    URL.revokeObjectURL(preview.src);
    [picture, name] = [blob, as];
    preview.src = URL.createObjectURL(blob);
    changed();
  };
  const file = h('input', { type: 'file', accept: 'image/png,image/jpeg', onchange: () => file.files[0] && use(file.files[0], file.files[0].name) });
  const ready = samplePicture().then(blob => picture ?? use(blob, name));
  return {
    ready,
    element: h('div', {}, field('Picture (PNG or JPEG)', file, 'Without a choice, the one below.'), preview),
    read: () => ({ type: picture?.type ?? 'image/png', body: picture, file: name }),
  };
}
