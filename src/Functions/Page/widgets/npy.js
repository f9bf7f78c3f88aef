/** Reads NumPy's file formats, and converts values to the data types of models. The constant maps NumPy's types to array types. */

const readers = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, i8: BigInt64Array,
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, u8: BigUint64Array, b1: Uint8Array, f2: Uint16Array,
};

const types = {
  FP32: Float32Array, FP64: Float64Array, INT8: Int8Array, INT16: Int16Array, INT32: Int32Array, INT64: BigInt64Array,
  UINT8: Uint8Array, UINT16: Uint16Array, UINT32: Uint32Array, UINT64: BigUint64Array, BOOL: Uint8Array,
};

/** @returns {{shape: number[], values: ArrayLike<number|bigint>}} */
export function readNpy(buffer) {
  const bytes = new Uint8Array(buffer);
  if (String.fromCharCode(...bytes.slice(1, 6)) !== 'NUMPY') throw new Error('This is no .npy file. Save the array with numpy.save.');
  const [major, minor] = bytes.slice(6, 8);
  if (major < 1 || major > 3 || minor) throw new Error(`Version ${major}.${minor} of the format is not read; 1.0, 2.0 and 3.0 are. Save the array with numpy.save.`);
  const view = new DataView(buffer);
  const [length, start] = major === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  const header = new TextDecoder('latin1').decode(bytes.slice(start, start + length));
  const kind = /'descr': *'([<>|=])([a-z]\d+)'/.exec(header);
  const dimensions = /'shape': *\(([^)]*)\)/.exec(header);
  if (!kind || !dimensions || kind[1] === '>' || !readers[kind[2]]) throw new Error(`Arrays of ${kind?.slice(1).join('') ?? 'this kind'} are not read. Save one of float32, for example with astype("float32").`);
  const shape = dimensions[1].split(',').filter(part => part.trim()).map(Number);
  const count = shape.reduce((all, size) => all * size, 1);
  const data = buffer.slice(start + length);
  const size = count * readers[kind[2]].BYTES_PER_ELEMENT;
  if (data.byteLength < size) throw new Error('The file ends early. Save the array again.');
  if (data.byteLength > size) throw new Error(`The file has ${data.byteLength} bytes of values; its shape says ${size}. Save the array again.`);
  const stored = new readers[kind[2]](data, 0, count);
  const values = kind[2] === 'f2' ? Float32Array.from(stored, single) : stored;
  if (kind[2] === 'b1' && values.some(value => value > 1)) throw new Error('It has a boolean other than 0 and 1. Save the array again, for example with astype("bool").');
  return { shape, values: /'fortran_order': *True/.test(header) ? rowMajor(shape, values) : values };
}

/** Converts values from Fortran's order, in which the first dimension varies fastest, to C's order. */
function rowMajor(shape, values) {
  const ordered = new values.constructor(values.length);
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((all, size) => all * size, 1));
  const place = shape.map(() => 0);
  for (let i = 0, from = 0; i < ordered.length; i++) {
    ordered[i] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++place[axis] < shape[axis]) break;
      from -= steps[axis] * shape[axis];
      place[axis] = 0;
    }
  }
  return ordered;
}

/** @returns {Promise<[string, {shape: number[], values: ArrayLike<number|bigint>}][]>} the arrays by name. */
export async function readNpz(buffer) {
  const view = new DataView(buffer);
  const end = findEnd(view);
  const arrays = [];
  for (let i = 0, at = view.getUint32(end + 16, true); i < view.getUint16(end + 10, true); i++) {
    const [method, size, nameLength] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint16(at + 28, true)];
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(buffer.slice(at + 46, at + 46 + nameLength)).replace(/\.npy$/, '');
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const stored = buffer.slice(start, start + size);
    arrays.push([name, readNpy(method === 0 ? stored : await inflate(stored))]);
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

/** Returns the position of the record at the end of a zip file. A comment may follow the record. */
function findEnd(view) {
  for (let at = view.byteLength - 22; at >= 0 && at > view.byteLength - 66_000; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw new Error('This is no .npz file. Save the arrays with numpy.savez.');
}

const inflate = bytes => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer();

/** Sizes of finite values from which on a data type has only infinity. */
const limits = { FP16: 65520, BF16: 2 ** 128 - 2 ** 119, FP32: 2 ** 128 - 2 ** 103 };

/**
 * Converts values to an array of the model's data type. Floating-point numbers are rounded. Throws an error for any other value that the type
 * cannot hold.
 */
export function arrayOf(datatype, values) {
  const limit = limits[datatype] ?? Infinity;
  throwIfLost(datatype, values, value => Math.abs(Number(value)) >= limit && Number.isFinite(Number(value)));
  if (datatype === 'FP16' || datatype === 'BF16') return Uint16Array.from(values, value => (datatype === 'FP16' ? half(Number(value)) : brain(Number(value))));
  const type = types[datatype];
  if (!type) throw new Error(`Values of ${datatype} are sent as JSON: choose Tensors.`);
  if (values instanceof type && datatype !== 'BOOL') return values;
  const isBig = type === BigInt64Array || type === BigUint64Array;
  const converted = isBig ? type.from(values, bigOf) : type.from(values, Number);
  if (type !== Float32Array && type !== Float64Array)
    throwIfLost(datatype, values, (value, i) => Number(converted[i]) !== Number(value) || (datatype === 'BOOL' && converted[i] > 1));
  return converted;
}

function throwIfLost(datatype, values, isLost) {
  const lost = values.findIndex(isLost);
  if (lost >= 0) throw new Error(`The value ${values[lost]} does not fit ${datatype}. Save values that ${datatype} can hold.`);
}

/** Returns a whole number as a BigInt; 0 for any other value. */
const bigOf = value => (typeof value === 'bigint' ? value : Number.isInteger(value) ? BigInt(value) : 0n);

export const bytesOf = array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const bits = new DataView(new ArrayBuffer(4));

function floatBits(value) {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

/** Returns the bits of a bfloat16: the upper half of a float32, rounded to even. */
function brain(value) {
  const whole = floatBits(value);
  return Number.isNaN(value) ? 0x7fc0 : ((whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Returns the value of the bits of a float16 (IEEE 754 binary16): a sign, 5 bits of exponent, and 10 bits of fraction. */
function single(half) {
  const [sign, exponent, fraction] = [half >>> 15 ? -1 : 1, (half >>> 10) & 31, half & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

/** Returns the bits of a float16, rounded to nearest. */
function half(value) {
  const sign = (floatBits(value) >>> 16) & 0x8000;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign + ((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024);
}
