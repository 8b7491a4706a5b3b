/** Tensors from host values and constants. */
import type { Backend } from '../backend/backend.ts';
import { type DType, dtypeOfArray, type Shape, sizeOf, type TypedArray } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { fromHandle, share, type Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define-op.ts';

/**
 * Copies host values to a backend.
 *
 * @param data  A typed array (its type gives the dtype; `Uint16Array` is f16 bits) or plain numbers (f32).
 * @param shape  Defaults to one axis of all values.
 * @throws ShapeError `SHAPE_MISMATCH` when the number of values differs from the shape's.
 *
 * @example
 * const x = tensor(backend, [1, 2, 3, 4], [2, 2]); // f32 [2, 2]
 */
export function tensor(backend: Backend, data: TypedArray | readonly number[], shape: Shape = [data.length]): Tensor {
  const values = ArrayBuffer.isView(data) ? data : Float32Array.from(data);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `tensor: expected ${sizeOf(shape)} values for shape [${shape}], got ${values.length}`,
      fix: 'Pass as many values as the shape has elements',
    });
  }
  const spec = { shape: [...shape], dtype: dtypeOfArray(values) };
  return fromHandle(backend, backend.upload(values, spec), spec.shape, spec.dtype);
}

/** A scalar, f32 unless `dtype` says otherwise. */
export function scalar(backend: Backend, value: number, dtype: DType = 'f32'): Tensor {
  return fill(backend, [], value, dtype);
}

/** Moves a tensor to another backend by way of the host. */
export async function transfer(x: Tensor, backend: Backend): Promise<Tensor> {
  const data = await x.data();
  return fromHandle(backend, backend.upload(data, x), x.shape, x.dtype);
}

interface FillAttributes {
  readonly value: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

const fillOp = defineOp<FillAttributes>({
  name: 'fill',
  infer: (_, { shape, dtype }) => [{ shape: [...shape], dtype }],
});

/** A tensor whose every element is `value`. */
export function fill(backend: Backend, shape: Shape, value: number, dtype: DType = 'f32'): Tensor {
  return fillOp([], { value, shape, dtype }, backend)[0]!;
}

/** Zeros. */
export function zeros(backend: Backend, shape: Shape, dtype: DType = 'f32'): Tensor {
  return fill(backend, shape, 0, dtype);
}

/** Ones. */
export function ones(backend: Backend, shape: Shape, dtype: DType = 'f32'): Tensor {
  return fill(backend, shape, 1, dtype);
}

/** Zeros of the shape, dtype and backend of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return fill(x.backend, x.shape, 0, x.dtype);
}

/** A tensor like `x` whose every element is `value` (1 unless given). */
export function onesLike(x: Tensor, value = 1): Tensor {
  return fill(x.backend, x.shape, value, x.dtype);
}

interface RangeAttributes {
  readonly start: number;
  readonly step: number;
  readonly size: number;
  readonly dtype: DType;
}

const rangeOp = defineOp<RangeAttributes>({ name: 'range', infer: (_, { size, dtype }) => [{ shape: [size], dtype }] });

/** `[size]`: 0, 1, 2, … (u32), or start + i·step. */
export function range(
  backend: Backend,
  size: number,
  options: { start?: number; step?: number; dtype?: DType } = {},
): Tensor {
  const { start = 0, step = 1, dtype = 'u32' } = options;
  return rangeOp([], { start, step, size, dtype }, backend)[0]!;
}

/** A second handle on the same values; each is disposed on its own. */
export function clone(x: Tensor): Tensor {
  return share(x);
}
