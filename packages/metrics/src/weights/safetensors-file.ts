/** Tensors of a safetensors file, float64 included (which core's reader leaves to us). */
import { FileFormatError, openSafetensors } from '@vqkit/core';
import { WeightsError } from '../errors.ts';
import type { FloatType, StoredTensor } from './tensor-values.ts';

const floatTypes: Readonly<Record<string, FloatType>> = { F64: 'f64', F32: 'f32', F16: 'f16', BF16: 'bf16' };

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** @internal The tensors of a file, by name. @throws WeightsError `WEIGHTS_DAMAGED` */
export async function readSafetensorsFile(bytes: Uint8Array): Promise<Map<string, StoredTensor>> {
  try {
    await openSafetensors(bytes); // checks every entry of the header
  } catch (cause) {
    if (!(cause instanceof FileFormatError)) throw cause;
    const { message, fix } = cause;
    throw new WeightsError({ code: 'WEIGHTS_DAMAGED', message: message.replace(/\. [^.]*$/, ''), fix, cause });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, Entry>;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  return new Map(
    names.map((name) => {
      const {
        dtype,
        shape,
        data_offsets: [start, end],
      } = header[name]!;
      const load = async (): Promise<Uint8Array> => bytes.subarray(8 + length + start, 8 + length + end);
      return [name, { shape, type: floatTypes[dtype], load }];
    }),
  );
}
