import { counted, field, fileField, h, showFile } from '../dom.js';
import { product, typeOf } from '../samples.js';
import { arrayOf, bytesOf, readNpy, readNpz } from './npy.js';

const headerLength = 'Inference-Header-Content-Length';

/** The data types that cannot hold the values of a picture. */
const withoutPicture = ['BOOL', 'INT8'];

const takesPicture = ({ datatype }) => !withoutPicture.includes(datatype);

/** Creates a field for a file for each input that is too large to type. Tensors are sent as bytes, in Open Inference's binary format. */
export function uploadForm(model, changed) {
  const said = h('p', { role: 'status', className: 'hint' });
  /** The tensors to send, by the names of the inputs. The owner is the input whose file has the tensor. */
  const tensors = new Map();
  /** The reasons why files were refused, by the names of the inputs. */
  const refusals = new Map();
  /** The chosen files by the names of the inputs, in the order of the choices. */
  const given = new Map();
  /** Resolves when the chosen files were read; null when none is being read. */
  let reading = null;
  const files = model.inputs.map(input => fileField(`.npy,.npz${takesPicture(input) ? ',image/png,image/jpeg,image/webp' : ''}`, chosen => choose(input, chosen)));
  const fields = model.inputs.map((input, i) =>
    field(`${input.name}: ${typeOf(input)}`, files[i], `${size(input)} A .npy or .npz file${takesPicture(input) ? ', or a picture' : ''}.`));

  /** Reads a file after the files that were chosen earlier, so that the last choice of an input counts. */
  function choose(input, file) {
    given.delete(input.name);
    given.set(input.name, file);
    said.textContent = `Reading ${file.name} …`;
    const own = reading = Promise.resolve(reading).then(() => take(input, file)).then(() => {
      if (reading === own) reading = null;
      changed();
    });
  }

  /** Reads the files that were chosen for another version. A file for an input that this version lacks is kept for the next version. */
  function restore(chosen) {
    for (const [name, file] of chosen) {
      given.set(name, file);
      const i = model.inputs.findIndex(input => input.name === name);
      if (i < 0) continue;
      showFile(files[i], file);
      choose(model.inputs[i], file);
    }
  }

  async function take(input, file) {
    // The arrays of the previous file must not be sent in place of those of this file, which may be refused.
    for (const [name, { owner }] of tensors) if (owner === input.name) tensors.delete(name);
    try {
      const fitting = assign(await read(file), input, model.inputs).map(([target, array]) => [target.name, fit(target, array)]);
      refusals.delete(input.name);
      for (const [name, tensor] of fitting) {
        refusals.delete(name);
        tensors.set(name, { ...tensor, owner: input.name });
      }
    } catch (e) {
      tensors.delete(input.name);
      refusals.set(input.name, `${file.name}: ${e.message}`);
    }
    said.textContent = [...refusals.values(), ...[...tensors].map(([name, { shape }]) => `${name}: [${shape.join(', ')}]`)].join('; ');
  }

  function problem() {
    if (reading) return '';
    if (refusals.size) return [...refusals.values()].join(' ');
    if (tensors.size === model.inputs.length) return '';
    return model.inputs.length === 1 ? 'Choose a file first.' : 'Choose a file for each input first.';
  }

  return {
    get ready() { return reading; },
    problem,
    carry: () => (given.size ? new Map(given) : null),
    restore,
    element: h('div', {}, fields, said),
    read: () => ({ ...request(model, tensors), picture: [...given.values()].find(isPicture) ?? null }),
  };
}

const isPicture = file => file.type.startsWith('image/');

function size(input) {
  const count = product(input.shape);
  return input.shape.some(dimension => dimension < 0) ? '' : `${count.toLocaleString('en')} ${count === 1 ? 'value' : 'values'}.`;
}

/** Reads the arrays of a file by their names. The only array of a .npy file or a picture has no name. */
async function read(file) {
  if (isPicture(file)) return [['', await createImageBitmap(file)]];
  const bytes = await file.arrayBuffer();
  return /\.npz$/i.test(file.name) ? readNpz(bytes) : [['', readNpy(bytes)]];
}

/**
 * Assigns the arrays of a file to the inputs with their names. The name of an only array need not be that of an input: the array is then for
 * the input whose field has the file. Other arrays without an input are not sent. Throws an error if the file has several arrays, but none
 * for the input of the field, or has no array.
 */
function assign(arrays, input, inputs) {
  const named = arrays.map(([name, array]) => [inputs.find(other => other.name === name), array]).filter(([target]) => target);
  if (arrays.length === 1) return named.length ? named : [[input, arrays[0][1]]];
  if (named.some(([target]) => target === input)) return named;
  const names = list => list.map(name => `"${name}"`).join(', ');
  throw new Error(arrays.length
    ? `The file has ${counted(arrays.length, 'array')}: ${names(arrays.map(([name]) => name))}. The model takes ${names(inputs.map(({ name }) => name))}. `
      + `Give an array the name "${input.name}", or save it alone.`
    : 'The file has no array. Save one with numpy.savez.');
}

/** Converts a picture to the input's height, width and order of dimensions. The values are 0 to 255 for whole numbers, and 0 to 1 for others. */
function fromPicture(image, input) {
  if (!takesPicture(input))
    throw new Error(`A picture has values from 0 to 255, and ${input.datatype} cannot hold all of them. Choose a .npy or .npz file for ${input.name}.`);
  const shape = input.shape.slice(-3);
  const [isFirst, isLast] = [shape.length === 3 && shape[0] <= 4, shape.length === 3 && shape[2] <= 4 && shape[2] > 0];
  const channels = isFirst ? Math.abs(shape[0]) : isLast ? shape[2] : 1;
  const [rows, columns] = isFirst ? shape.slice(1) : isLast ? shape.slice(0, 2) : shape.slice(-2);
  const [height, width] = [rows > 0 ? rows : image.height, columns > 0 ? columns : image.width];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const isWhole = /INT/.test(input.datatype);
  const mean = i => (data[i * 4] + data[i * 4 + 1] + data[i * 4 + 2]) / 3;
  const gray = i => (isWhole ? Math.round(mean(i)) : mean(i));
  const values = new Float32Array(channels * height * width);
  const scale = isWhole ? 1 : 255;
  for (let i = 0; i < height * width; i++)
    for (let c = 0; c < channels; c++)
      values[isFirst ? c * height * width + i : i * channels + c] = (channels === 1 ? gray(i) : data[i * 4 + c]) / scale;
  return { shape: isFirst ? [channels, height, width] : isLast ? [height, width, channels] : [height, width], values };
}

/** Converts a tensor to the input's data type, and adds a missing batch dimension. Throws an error if the shape does not fit. */
function fit(input, array) {
  const { shape, values } = array instanceof ImageBitmap ? fromPicture(array, input) : array;
  const rank = input.shape.length;
  const whole = !input.anyShape && shape.length === rank - 1 ? [1, ...shape] : shape;
  if (!input.anyShape && (whole.length !== rank || input.shape.some((size, i) => size >= 0 && size !== whole[i])))
    throw new Error(`It has shape [${shape.join(', ')}]; ${input.name} takes [${input.shape.join(', ')}]. ${advice(input)}`);
  return { shape: whole, bytes: bytesOf(arrayOf(input.datatype, values)) };
}

const advice = ({ shape }) => `Choose a file with an array of that shape${shape.some(size => size < 0) ? ', where -1 stands for any size' : ''}.`;

function request(model, tensors) {
  const inputs = model.inputs.filter(input => tensors.has(input.name));
  const header = JSON.stringify({
    inputs: inputs.map(({ name, datatype }) => ({ name, datatype, shape: tensors.get(name).shape, parameters: { binary_data_size: tensors.get(name).bytes.byteLength } })),
  });
  const head = new TextEncoder().encode(header);
  return {
    type: 'application/octet-stream', route: 'infer', file: 'request.bin', headers: { [headerLength]: `${head.length}` },
    // There is no body until every input has a file.
    body: inputs.length < model.inputs.length ? null : new Blob([head, ...inputs.map(({ name }) => tensors.get(name).bytes)]),
  };
}
