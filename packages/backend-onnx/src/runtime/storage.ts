/**
 * Values that the backend holds: host arrays that are there, or that will be when a run ends. Runs hold what they read,
 * so that freeing a handle early never takes values away from them; memory goes back when the last one lets go.
 */
import {
  byteSizeOf,
  type Handle,
  type MemoryStatistics,
  type TensorSpec,
  type TypedArray,
  untilAborted,
} from '@vqkit/core';
import { OnnxError } from '../errors.ts';

/** One stored value. */
export class StoredValue {
  readonly spec: TensorSpec;
  /** Resolves when `data` is set; rejects with the error of the run that should have made it. */
  readonly ready: Promise<void>;
  data: TypedArray | undefined;
  readonly #giveBack: (data: TypedArray) => void;
  /** Told when nobody needs the array before it is there. */
  onUnwanted: (() => void) | undefined;
  /** The handle, and the runs and readers under way. */
  #holders = 1;

  /** @param giveBack  Gets the array when nobody needs it any more. */
  constructor(spec: TensorSpec, source: TypedArray | Promise<TypedArray>, giveBack: (data: TypedArray) => void) {
    this.spec = spec;
    this.#giveBack = giveBack;
    if (source instanceof Promise) {
      this.ready = source.then((data) => {
        this.data = data;
        this.#end();
      });
      // Failures are reported by read(); nobody may be listening yet.
      this.ready.catch(() => {});
    } else {
      this.data = source;
      this.ready = Promise.resolve();
    }
  }

  /** Keeps the array for one more user. */
  hold(): void {
    this.#holders++;
  }

  /** Ends one user's hold. */
  letGo(): void {
    this.#holders--;
    this.#end();
  }

  #end(): void {
    if (this.#holders > 0) return;
    if (this.data === undefined) this.onUnwanted?.();
    else this.#giveBack(this.data);
    this.data = undefined;
  }
}

/** The handles of one backend. */
export class HandleStore {
  readonly #alive = new Set<Handle>();
  readonly #giveBack: (data: TypedArray) => void;
  #bytes = 0;

  /** @param giveBack  Gets arrays that nobody needs any more. */
  constructor(giveBack: (data: TypedArray) => void) {
    this.#giveBack = giveBack;
  }

  /** Adds a value and returns its handle. */
  add(spec: TensorSpec, source: TypedArray | Promise<TypedArray>): StoredValue {
    const value = new StoredValue(spec, source, this.#giveBack);
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
    value.letGo();
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

/**
 * Uses the arrays of values as soon as they are there, and holds them until the use has ended.
 *
 * @param use  Must not keep the arrays.
 * @param signal  Ends the wait for them. @throws its reason.
 */
export async function withArrays<T>(
  values: readonly StoredValue[],
  use: (arrays: TypedArray[]) => T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (const value of values) value.hold();
  try {
    for (const value of values) if (value.data === undefined) await untilAborted(value.ready, signal);
    return await use(values.map(({ data }) => data!));
  } finally {
    for (const value of values) value.letGo();
  }
}
