/**
 * Weights of half the size again: filters as integers of 8 bits, with one scale for each output channel. A file keeps them as
 * any other does, `I8` tensors, and for each an f32 tensor whose name ends in `_scale`:
 *
 *     decoder.0.weight        I8  [3, 3, 16, 256]   q
 *     decoder.0.weight_scale  F32 [256]             s     weight[…, c] = s[c] · q[…, c]
 *
 * Networks compute in floating point as before: only the file is smaller. The name is that of compressed-tensors, the format
 * of vLLM; symmetric scales per channel as in Krishnamoorthi 2018, arXiv:1806.08342, section 3.1.
 */
import {
  fromHalfBits,
  type HostTensor,
  openSafetensors,
  type SafetensorsFile,
  type StorableTensor,
  writeSafetensors,
} from '@vqkit/core';

/** What is added to the name of a tensor for that of its scales. */
const scaleSuffix = '_scale';

/** Largest integer: −128 has no counterpart. */
const largest = 127;

/** Fewer values than these stay as they are: biases, and the first and last layers, where little is saved and much is felt. */
const smallest = 8192;

/** Networks; codebooks and quantizers stay exact, since they are what indices mean. */
const networks = /^(encoder|decoder)\./;

/**
 * Makes a weights file smaller: filters of encoder and decoder, those with two axes or more and at least 8192 values, become
 * integers of 8 bits. The same file gives the same bytes anywhere.
 *
 * @param file  `weights.safetensors` of a package, f16 or f32.
 * @returns The file with `I8` tensors and their `…_scale`; everything else, metadata too, as it was.
 * @throws FileFormatError as `openSafetensors`
 *
 * @example
 * const small = await int8Weights(await photo.load('weights.safetensors')); // 17.0 → 8.6 MB
 */
export async function int8Weights(file: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { names, metadata, read } = await openSafetensors(file);
  const tensors: [string, StorableTensor][] = [];
  for (const name of names) {
    const tensor = await read(name);
    const { shape, dtype, data } = tensor;
    const isFilter = networks.test(name) && shape.length > 1 && data.length >= smallest;
    if (!isFilter || (dtype !== 'f16' && dtype !== 'f32')) tensors.push([name, tensor]);
    else {
      const { integers, scales } = quantize(floatsOf(tensor), shape.at(-1)!);
      tensors.push([name, { data: integers, shape, dtype: 'i8' }]);
      tensors.push([`${name}${scaleSuffix}`, { data: scales, shape: [scales.length], dtype: 'f32' }]);
    }
  }
  return writeSafetensors(Object.fromEntries(tensors), metadata);
}

/** The nearest integers to `value / scale`, where the largest magnitude of each channel is 127. */
function quantize(values: Float32Array, channels: number): { integers: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(channels);
  values.forEach((value, i) => {
    scales[i % channels] = Math.max(scales[i % channels]!, Math.abs(value) / largest);
  });
  // a channel of zeros has no scale of its own
  const divisors = scales.map((scale) => scale || 1);
  const integers = Int8Array.from(values, (value, i) => {
    const q = Math.round(value / divisors[i % channels]!);
    return Math.max(-largest, Math.min(q, largest));
  });
  return { integers, scales: divisors };
}

/**
 * The same file as if it had been kept in floating point: `I8` tensors are read as f32, and their scales are no tensors of it.
 *
 * @throws Error from `read`, for scales that are missing, of another shape or type, or not finite.
 */
export function withoutInt8(file: SafetensorsFile): SafetensorsFile {
  const { names, metadata, spec, read } = file;
  const isInt8 = (name: string): boolean => spec(name).stored === 'I8';
  const known = new Set(names);
  const isScale = (name: string): boolean => {
    const own = name.slice(0, -scaleSuffix.length);
    return name.endsWith(scaleSuffix) && known.has(own) && isInt8(own);
  };
  const scalesOf = async (name: string): Promise<Float32Array> => {
    const wanted = spec(name).shape.slice(-1).join();
    const scaleName = `${name}${scaleSuffix}`;
    if (!known.has(scaleName)) throw new Error(`integers '${name}' without scales '${scaleName}'`);
    const { shape, dtype } = spec(scaleName);
    if (shape.join() !== wanted || (dtype !== 'f32' && dtype !== 'f16'))
      throw new Error(`scales '${scaleName}' of ${dtype} [${shape}] instead of f32 [${wanted}]`);
    const scales = floatsOf(await read(scaleName));
    if (!scales.every(Number.isFinite)) throw new Error(`scales '${scaleName}' that are not finite`);
    return scales;
  };
  return {
    names: names.filter((name) => !isScale(name)),
    metadata,
    spec: (name) => (isInt8(name) ? { ...spec(name), dtype: 'f32' } : spec(name)),
    read: async (name) => {
      if (!isInt8(name)) return read(name);
      const { shape } = spec(name);
      const scales = await scalesOf(name);
      const { data } = await read(name);
      return { data: Float32Array.from(data, (q, i) => q * scales[i % scales.length]!), shape, dtype: 'f32' };
    },
  };
}

function floatsOf({ data, dtype }: HostTensor): Float32Array {
  return dtype === 'f16' ? Float32Array.from(data, fromHalfBits) : (data as Float32Array);
}
