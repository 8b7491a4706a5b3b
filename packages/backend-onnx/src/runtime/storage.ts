/**
 * Values that the backend holds: host arrays that are there, or that will be when a run ends. Whoever reads values
 * retains them, so that freeing a handle early never takes values away.
 */
import {
  allocate,
  byteSizeOf,
  type Handle,
  type MemoryStatistics,
  type TensorSpec,
  type TypedArray,
} from '@vqkit/core';
import { OnnxError } from '../errors.ts';
import { ArrayPool } from './array-pool.ts';

/** One stored value. */
export class StoredValue {
  readonly spec: TensorSpec;
  /** Resolves when `data` is set; rejects with the error of the run that should have made it. */
  readonly ready: Promise<void>;
  data: TypedArray | undefined;
  readonly #pool: ArrayPool;
  /** The handle, and everyone who is going to read the values. */
  #users = 1;

  constructor(spec: TensorSpec, source: TypedArray | Promise<TypedArray>, pool: ArrayPool) {
    this.spec = spec;
    this.#pool = pool;
    if (source instanceof Promise) {
      this.ready = source.then((data) => {
        this.data = data;
        this.#giveBack();
      });
      // Failures are reported by read(); nobody may be listening yet.
      this.ready.catch(() => {});
    } else {
      this.data = source;
      this.ready = Promise.resolve();
    }
  }

  /** One more reader. */
  retain(): void {
    this.#users++;
  }

  /** One reader less; after the last one the array may be written again. */
  release(): void {
    this.#users--;
    this.#giveBack();
  }

  #giveBack(): void {
    if (this.#users > 0 || this.data === undefined) return;
    this.#pool.give(this.spec.dtype, this.data);
    this.data = undefined;
  }
}

/** The handles of one backend. */
export class HandleStore {
  /** Where the arrays of freed values go. */
  readonly pool = new ArrayPool(() => this.#bytes);
  readonly #alive = new Set<Handle>();
  #bytes = 0;

  /** Adds a value and returns its handle. */
  add(spec: TensorSpec, source: TypedArray | Promise<TypedArray>): StoredValue {
    const value = new StoredValue(spec, source, this.pool);
    this.#alive.add(value);
    this.#bytes += byteSizeOf(spec);
    return value;
  }

  /** The value behind a handle. @throws OnnxError `HANDLE_UNKNOWN` */
  get(handle: Handle): StoredValue {
    if (this.#alive.has(handle)) return handle as StoredValue;
    throw new OnnxError({
      code: 'HANDLE_UNKNOWN',
      message: 'onnx: expected a handle of this backend that is alive, got one that was freed or comes from elsewhere',
      fix: 'Free each handle once, after its last use',
    });
  }

  /** Gives up a handle. Runs that still need the values have retained them. */
  free(handle: Handle): void {
    const value = this.get(handle);
    this.#alive.delete(handle);
    this.#bytes -= byteSizeOf(value.spec);
    value.release();
  }

  /** What is alive. */
  statistics(): MemoryStatistics {
    return { tensors: this.#alive.size, bytes: this.#bytes };
  }

  /** Forgets everything. */
  clear(): void {
    this.#alive.clear();
    this.#bytes = 0;
    this.pool.clear();
  }
}

/** Retains values, waits for them, lets somebody read their arrays, and releases them. */
export async function readArrays<T>(
  values: readonly StoredValue[],
  use: (arrays: TypedArray[]) => T | Promise<T>,
): Promise<T> {
  for (const value of values) value.retain();
  try {
    for (const value of values) if (value.data === undefined) await value.ready;
    return await use(values.map((value) => value.data!));
  } finally {
    for (const value of values) value.release();
  }
}

/** An array whose elements are all `value`. */
export function filled({ shape, dtype }: TensorSpec, value: number): TypedArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return allocate(dtype, size).fill(value);
}
