/** Raw little-endian values of a weights file as numbers. */
import { fromHalfBits, type Shape, sizeOf } from '@vqkit/core';
import { damaged } from './zip.ts';

/** Element types of weights that we read. */
export type FloatType = 'f64' | 'f32' | 'f16' | 'bf16';

/** @internal Values of a tensor as they lie in a file, possibly strided. */
export interface StoredTensor {
  readonly shape: Shape;
  /** Undefined for types that are no floats. */
  readonly type: FloatType | undefined;
  /** The bytes that hold the values. */
  readonly load: () => Promise<Uint8Array>;
  /** In elements; contiguous from 0 unless given. */
  readonly layout?: { readonly offset: number; readonly strides: readonly number[] };
}

const bytesPerValue = { f64: 8, f32: 4, f16: 2, bf16: 2 } as const satisfies Record<FloatType, number>;

const readers: Readonly<Record<FloatType, (view: DataView, at: number) => number>> = {
  f64: (view, at) => view.getFloat64(at, true),
  f32: (view, at) => view.getFloat32(at, true),
  f16: (view, at) => fromHalfBits(view.getUint16(at, true)),
  bf16: (view, at) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint32(0, view.getUint16(at, true) << 16);
    return wide.getFloat32(0);
  },
};

/** @internal Copies the values, contiguous, into `target`, which has as many elements. @throws WeightsError `WEIGHTS_DAMAGED` */
export async function copyValues(
  { shape, type, load, layout }: StoredTensor & { readonly type: FloatType },
  target: Float32Array | Float64Array,
): Promise<void> {
  const bytes = await load();
  const size = bytesPerValue[type];
  const { offset, strides } = layout ?? { offset: 0, strides: contiguous(shape) };
  const last = shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, offset);
  if (sizeOf(shape) > 0 && (last + 1) * size > bytes.length) {
    throw damaged(`expected ${last + 1} values of ${size} bytes, got ${bytes.length} bytes`);
  }
  const isPlain = type === 'f32' && target instanceof Float32Array && strides.join() === contiguous(shape).join();
  if (isPlain) {
    const from = offset * 4;
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(
      bytes.subarray(from, from + target.byteLength),
    );
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[type];
  const position = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < target.length; i++) {
    target[i] = read(view, at * size);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      position[axis]!++;
      if (position[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
}

function contiguous(shape: Shape): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}
