/** A weights file as names and values, whatever format it is in: safetensors, PyTorch's `.pth` (both forms), NumPy's `.npz`. */
import { type Shape, sizeOf } from '@vqkit/core';
import { WeightsError } from '../errors.ts';
import { readNumpyZip } from './numpy-file.ts';
import { readSafetensorsFile } from './safetensors-file.ts';
import { type ReadOptions, readSource, type WeightsSource } from './source.ts';
import { copyValues, type FloatType, type StoredTensor } from './tensor-values.ts';
import { isLegacyTorchFile, readLegacyTorchFile, readTorchZip } from './torch-file.ts';
import { openZip } from './zip.ts';

/** Named values of a model. */
export interface StateDictionary {
  readonly names: readonly string[];
  /** Shape of a tensor as the file has it; undefined where there is none of that name. */
  shapeOf(name: string): Shape | undefined;
  /**
   * Reads one tensor as float32, row-major.
   *
   * @param shape  What it must look like; axes of size 1 may be missing or surplus.
   * @throws WeightsError `WEIGHTS_MISMATCH` when it is missing, has another shape or no floats; `WEIGHTS_DAMAGED`
   */
  read(name: string, shape: Shape): Promise<Float32Array>;
  /** The same as float64. */
  readDouble(name: string, shape: Shape): Promise<Float64Array>;
}

/**
 * Opens a weights file.
 *
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_DAMAGED`, `CHECKSUM_MISMATCH`, `PICKLE_UNSAFE`
 */
export async function openStateDictionary(source: WeightsSource, options: ReadOptions = {}): Promise<StateDictionary> {
  const tensors = await readTensors(await readSource(source, options));
  const names = [...tensors.keys()];
  const find = (name: string, shape: Shape): StoredTensor & { readonly type: FloatType } => {
    const tensor = tensors.get(name);
    if (tensor === undefined)
      throw mismatch(`a tensor named '${name}'`, `${names.length} others: ${names.slice(0, 3)} …`);
    if (!isSameShape(tensor.shape, shape)) throw mismatch(`'${name}' to have shape [${shape}]`, `[${tensor.shape}]`);
    if (tensor.type === undefined) throw mismatch(`floats in '${name}'`, 'another type');
    return { ...tensor, type: tensor.type };
  };
  return {
    names,
    shapeOf: (name) => tensors.get(name)?.shape,
    read: async (name, shape) => {
      const values = new Float32Array(sizeOf(shape));
      await copyValues(find(name, shape), values);
      return values;
    },
    readDouble: async (name, shape) => {
      const values = new Float64Array(sizeOf(shape));
      await copyValues(find(name, shape), values);
      return values;
    },
  };
}

async function readTensors(bytes: Uint8Array): Promise<Map<string, StoredTensor>> {
  if (isLegacyTorchFile(bytes)) return readLegacyTorchFile(bytes);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) return readSafetensorsFile(bytes);
  const archive = openZip(bytes);
  return archive.names.some((name) => name.endsWith('/data.pkl')) ? readTorchZip(archive) : readNumpyZip(archive);
}

function mismatch(expected: string, actual: string): WeightsError {
  return new WeightsError({
    code: 'WEIGHTS_MISMATCH',
    message: `expected ${expected}, got ${actual}`,
    fix: 'Pass the state dictionary of this very network',
  });
}

function isSameShape(actual: Shape, expected: Shape): boolean {
  const trim = (shape: Shape): string => shape.filter((n) => n !== 1).join('×');
  return sizeOf(actual) === sizeOf(expected) && trim(actual) === trim(expected);
}
