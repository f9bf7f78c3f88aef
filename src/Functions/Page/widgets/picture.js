import { field, fileField, h, showFile } from '../dom.js';
import { samplePicture } from '../samples.js';

/** The media types of images that the server decodes. */
const decoded = ['image/png', 'image/jpeg', 'image/webp'];

/**
 * Creates a field for a picture, which comes from a file, by drag and drop, from the clipboard or from the camera. At first, the field has
 * a sample.
 */
export function pictureForm(_, changed) {
  const preview = h('img', { className: 'preview', alt: 'The picture that is sent' });
  const file = fileField(decoded.join(','), take);
  const said = h('p', { role: 'status', className: 'hint' });
  const camera = cameraView(replace, text => { said.textContent = text; });
  let picture = null;
  let name = 'picture.png';
  let refusal = '';
  /** The picture or other file that the user has given; null before. */
  let given = null;

  /** Sets the picture. A refused file removes the previous picture, so that the previous picture is not sent either. */
  function take(blob) {
    given = blob;
    show(blob);
  }

  function show(blob) {
    const isTaken = decoded.includes(blob.type);
    refusal = isTaken ? '' : `${blob.name ?? 'This'} is ${blob.type || 'no picture'}. Choose a PNG, a JPEG or a WebP.`;
    said.textContent = refusal;
    URL.revokeObjectURL(preview.src);
    preview.hidden = !isTaken;
    [picture, name] = [isTaken ? blob : null, blob.name ?? 'picture.png'];
    if (isTaken) preview.src = URL.createObjectURL(blob);
    else preview.removeAttribute('src');
    changed();
  }

  /** Sets a picture that does not come from the file field, and clears the name of a file in the field. */
  function replace(blob) {
    if (!blob) return;
    file.value = '';
    take(blob);
  }

  function restore(blob) {
    if (blob instanceof File) showFile(file, blob);
    take(blob);
  }

  const element = h('div', { className: 'drop', ondragover: event => event.preventDefault(), ondrop: drop },
    field('Picture (PNG, JPEG or WebP)', file, 'Or drop a picture here, or paste one. Without a choice, the picture below is sent.'),
    h('div', { className: 'row' }, camera.button), camera.element, said, preview);
  // Paste reaches the document when no field has the focus. The form listens while it is shown.
  const paste = event => {
    if (!element.isConnected) return document.removeEventListener('paste', paste);
    const pasted = [...event.clipboardData.files].find(one => one.type.startsWith('image/'));
    // The paste is not for this form while another page is shown.
    if (element.checkVisibility()) replace(pasted);
  };
  function drop(event) {
    event.preventDefault();
    replace(event.dataTransfer.files[0]);
  }

  return {
    shown: () => document.addEventListener('paste', paste),
    ready: new Promise(resolve => samplePicture(96).toBlob(resolve, 'image/png')).then(blob => given || show(blob)),
    carry: () => given,
    restore,
    problem: () => refusal,
    element,
    read: () => ({ type: picture?.type ?? 'image/png', body: picture, file: name, picture }),
  };
}

/**
 * Creates the view of the camera. The camera is on until the user takes a picture, closes the view, or leaves the view for another form,
 * version, model or page.
 */
function cameraView(take, say) {
  const shoot = h('button', { type: 'button', className: 'primary', onclick: photograph }, 'Take the picture');
  const video = h('video', { muted: true, playsInline: true, className: 'preview', 'aria-label': 'What the camera sees', onloadeddata: allow });
  const element = h('div', { hidden: true }, video, h('div', { className: 'row' }, shoot, h('button', { type: 'button', onclick: close }, 'Close the camera')));
  const button = h('button', { type: 'button', onclick: start }, 'Camera');
  let stream = null;
  // A view that is removed, or hidden with its page, has no size.
  new ResizeObserver(() => element.checkVisibility() || stop()).observe(element);

  async function start() {
    // The browser asks the user first. A second stream would stay on.
    button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      return say(isSecureContext ? 'The browser gives no access to a camera.' : 'Browsers open the camera for https addresses and for localhost only.');
    } finally {
      button.disabled = false;
    }
    // The user may have left the form while the browser asked.
    if (!button.checkVisibility()) return stop();
    const own = video.srcObject = stream;
    shoot.disabled = true;
    element.hidden = false;
    button.hidden = true;
    // The user may leave the form before the first picture, which ends the playback.
    return video.play().catch(() => stream === own && stop());
  }

  /** Allows a picture to be taken as soon as the camera has sent one. */
  function allow() {
    shoot.disabled = false;
    shoot.focus();
  }

  function stop() {
    stream?.getTracks().forEach(track => track.stop());
    video.srcObject = stream = null;
    element.hidden = true;
    button.hidden = false;
  }

  function close() {
    stop();
    button.focus();
  }

  function photograph() {
    const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext('2d').drawImage(video, 0, 0);
    canvas.toBlob(blob => { take(blob); close(); }, 'image/jpeg', 0.92);
  }

  return { element, button };
}
