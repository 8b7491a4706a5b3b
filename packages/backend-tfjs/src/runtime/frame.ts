/**
 * The scratch memory of one kernel call: every intermediate result that the call makes is released when it ends,
 * also when it fails; what it returns is kept.
 */
import { allocate, type DType, type Shape, sameShape, sizeOf, type TypedArray } from '@vqkit/core';
import { encode, encodeNumber, type IntegerStorage, storedDType } from './representation.ts';
import type { Runtime } from './runtime.ts';
import type { TensorInfo, TfAttributes, TfDType, TfInputs } from './tf-types.ts';

/** A kernel's input: where it is stored, and what vqkit calls it. */
export interface Operand {
  readonly info: TensorInfo;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Runs tfjs kernels and remembers what they made. */
export class Frame {
  readonly runtime: Runtime;
  readonly #made = new Set<TensorInfo>();

  /** What integers are stored as here. */
  readonly integers: IntegerStorage;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
    this.integers = runtime.integers;
  }

  /** Runs a tfjs kernel with one result. */
  call(kernel: string, inputs: TfInputs, attrs: TfAttributes = {}): TensorInfo {
    const result = this.runtime.call(kernel, inputs, attrs);
    const infos = Array.isArray(result) ? result : [result];
    for (const info of infos) this.#made.add(info);
    return infos[0]!;
  }

  /** Host values, of a shape and a tfjs dtype. */
  constant(values: TypedArray, shape: Shape, dtype: TfDType): TensorInfo {
    const info = this.runtime.write(values, shape, dtype);
    this.#made.add(info);
    return info;
  }

  /** One number. */
  scalar(value: number, dtype: TfDType): TensorInfo {
    return this.constant(dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value), [], dtype);
  }

  /** A tensor full of `value`, which is rounded or wrapped to `dtype` first. */
  full(shape: Shape, dtype: DType, value: number): TensorInfo {
    // Typed arrays round and wrap as the dtypes do; f16 has none of its own.
    return this.values(allocate(dtype === 'f16' ? 'f32' : dtype, sizeOf(shape)).fill(value), shape, dtype);
  }

  /** Numbers of a vqkit dtype; for f16 they are rounded. */
  values(data: ArrayLike<number>, shape: Shape, dtype: DType): TensorInfo {
    return this.constant(encode(data, dtype, this.integers), shape, storedDType(dtype, this.integers));
  }

  /** A number as it is stored in tensors of a vqkit dtype. */
  stored(value: number, dtype: DType): number {
    return encodeNumber(value, dtype, this.integers);
  }

  /** The same values with another shape. */
  reshape(x: TensorInfo, shape: Shape): TensorInfo {
    if (sameShape(x.shape, shape)) return x;
    return this.call('Reshape', { x }, { shape: [...shape] });
  }

  /** Casts by tfjs's own rules, which are safe between bool, int32 and float32 only where values fit. */
  cast(x: TensorInfo, dtype: TfDType): TensorInfo {
    if (x.dtype === dtype) return x;
    // Where tfjs only renames, this product really converts.
    if (dtype === 'float32' && this.runtime.traits.renamesCasts) {
      return this.call('Multiply', { a: x, b: this.scalar(1, 'float32') });
    }
    return this.call('Cast', { x }, { dtype });
  }

  /** bool or int32 → what integers are stored as here. */
  toInteger(x: TensorInfo): TensorInfo {
    return this.cast(x, this.integers);
  }

  /** Takes a result out of the scratch memory; the input of a call comes back as a second reference to its values. */
  keep(info: TensorInfo): TensorInfo {
    const kept = this.#made.has(info) ? info : this.call('Identity', { x: info });
    this.#made.delete(kept);
    return kept;
  }

  /** Runs a part of the work whose own intermediate results are released at its end, so that loops need no more memory. */
  scope(work: (inner: Frame) => TensorInfo): TensorInfo {
    const inner = new Frame(this.runtime);
    try {
      const result = inner.keep(work(inner));
      this.#made.add(result);
      return result;
    } finally {
      inner.end();
    }
  }

  /** Releases one intermediate result early; what others made stays. */
  drop(info: TensorInfo): void {
    if (this.#made.delete(info)) this.runtime.release(info);
  }

  /** Releases all intermediate results. */
  end(): void {
    for (const info of this.#made) this.runtime.release(info);
    this.#made.clear();
  }
}
