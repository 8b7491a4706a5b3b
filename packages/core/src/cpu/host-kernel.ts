/**
 * What a kernel of the reference backend is: a function on host arrays. No storage, no state; the backend in `cpu.ts`
 * adds those. Other backends use the same functions for calls that are not worth sending to a device.
 */
import { allocate, type DType, type Shape, sizeOf, type TensorSpec, type TypedArray } from '../dtype.ts';
import { ShapeError } from '../errors.ts';

/** Values in host memory, with their shape and dtype. */
export interface HostTensor extends TensorSpec {
  readonly data: TypedArray;
}

/** Computes one array per output spec; never writes to its inputs. */
export type HostKernel<Attributes> = (
  inputs: readonly HostTensor[],
  attributes: Attributes,
  outputs: readonly TensorSpec[],
) => TypedArray[];

/**
 * Copies numbers into a host tensor; for f16 they are its raw bits.
 *
 * @throws ShapeError `SHAPE_MISMATCH` when the number of values does not fit the shape.
 */
export function hostTensor(dtype: DType, shape: Shape, values: ArrayLike<number>): HostTensor {
  const size = sizeOf(shape);
  if (values.length !== size) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `hostTensor: expected ${size} values for shape [${shape}], got ${values.length}`,
      fix: 'Pass as many values as the shape has elements',
    });
  }
  const data = allocate(dtype, size);
  data.set(values);
  return { shape, dtype, data };
}
