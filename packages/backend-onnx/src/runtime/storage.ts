/**
 * Values that the backend holds: host arrays that are there, or that will be when a run ends. Runs retain what they
 * read, so that freeing a handle early never takes values away from them.
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

/** One stored value. */
export class StoredValue {
  readonly spec: TensorSpec;
  /** Resolves when `data` is set; rejects with the error of the run that should have made it. */
  readonly ready: Promise<void>;
  data: TypedArray | undefined;

  constructor(spec: TensorSpec, source: TypedArray | Promise<TypedArray>) {
    this.spec = spec;
    if (source instanceof Promise) {
      this.ready = source.then((data) => {
        this.data = data;
      });
      // Failures are reported by read(); nobody may be listening yet.
      this.ready.catch(() => {});
    } else {
      this.data = source;
      this.ready = Promise.resolve();
    }
  }
}

/** The handles of one backend. */
export class HandleStore {
  readonly #alive = new Set<Handle>();
  #bytes = 0;

  /** Adds a value and returns its handle. */
  add(spec: TensorSpec, source: TypedArray | Promise<TypedArray>): StoredValue {
    const value = new StoredValue(spec, source);
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

  /** Gives up a handle. Runs that still need the values hold the object itself. */
  free(handle: Handle): void {
    const value = this.get(handle);
    this.#alive.delete(handle);
    this.#bytes -= byteSizeOf(value.spec);
  }

  /** What is alive. */
  statistics(): MemoryStatistics {
    return { tensors: this.#alive.size, bytes: this.#bytes };
  }

  /** Forgets everything. */
  clear(): void {
    this.#alive.clear();
    this.#bytes = 0;
  }
}

/** Waits for values and returns their arrays. */
export async function arraysOf(values: readonly StoredValue[]): Promise<TypedArray[]> {
  for (const value of values) if (value.data === undefined) await value.ready;
  return values.map((value) => value.data!);
}

/** An array whose elements are all `value`. */
export function filled({ shape, dtype }: TensorSpec, value: number): TypedArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return allocate(dtype, size).fill(value);
}
