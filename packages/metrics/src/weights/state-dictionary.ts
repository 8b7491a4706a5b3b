/** A weights file as names and float32 values, whatever format it is in. */
import { FileFormatError, fromHalfBits, openSafetensors, type Shape, sizeOf } from '@vqkit/core';
import { WeightsError } from '../errors.ts';
import { type ReadOptions, readSource, type WeightsSource } from './source.ts';

/** Named values of a model. */
export interface StateDictionary {
  readonly names: readonly string[];
  /**
   * Reads one tensor as float32, row-major.
   *
   * @param shape  What it must look like; axes of size 1 at the end may be missing or surplus.
   * @throws WeightsError `WEIGHTS_MISMATCH` when it is missing, has another shape or is no float tensor.
   */
  read(name: string, shape: Shape): Promise<Float32Array>;
}

/**
 * Opens a weights file: safetensors.
 *
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_DAMAGED`, `CHECKSUM_MISMATCH`
 */
export async function openStateDictionary(source: WeightsSource, options: ReadOptions = {}): Promise<StateDictionary> {
  const bytes = await readSource(source, options);
  try {
    const file = await openSafetensors(bytes);
    return {
      names: file.names,
      read: async (name, shape) => {
        if (!file.names.includes(name)) throw missing(name, file.names);
        const tensor = await file.read(name);
        checkSameSize(name, tensor.shape, shape);
        return tensor.dtype === 'f16' ? Float32Array.from(tensor.data, fromHalfBits) : Float32Array.from(tensor.data);
      },
    };
  } catch (cause) {
    if (!(cause instanceof FileFormatError)) throw cause;
    throw new WeightsError({ code: 'WEIGHTS_DAMAGED', message: cause.message, fix: cause.fix, cause });
  }
}

function missing(name: string, names: readonly string[]): WeightsError {
  return new WeightsError({
    code: 'WEIGHTS_MISMATCH',
    message: `expected a tensor named '${name}', got ${names.length} others, such as ${names.slice(0, 3).join(', ')}`,
    fix: 'Pass the state dictionary of this very network',
  });
}

function checkSameSize(name: string, actual: Shape, expected: Shape): void {
  const trim = (shape: Shape): string => shape.filter((n) => n !== 1).join('×');
  if (sizeOf(actual) === sizeOf(expected) && trim(actual) === trim(expected)) return;
  throw new WeightsError({
    code: 'WEIGHTS_MISMATCH',
    message: `expected '${name}' to have shape [${expected}], got [${actual}]`,
    fix: 'Pass the state dictionary of this very network',
  });
}
