/**
 * The tensor: an immutable handle on values that some backend holds. It carries its backend, so nothing in vqkit
 * needs a global one. Several tensors may share one storage (reshapes, aliases); the last one to be disposed frees it.
 */

import type { GradientNode } from '../autograd/node.ts';
import type { Backend, Handle, View } from '../backend/backend.ts';
import { type DType, type Shape, sizeOf, type TypedArray } from '../dtype.ts';
import { BackendError, MemoryError } from '../errors.ts';
import { frames } from './frame.ts';
import { untilAborted } from './waiting.ts';

/** Values on a backend, shared by the tensors that view them. */
export interface Storage {
  readonly handle: Handle;
  references: number;
}

// Values decide, not classes: two copies of this package in one program understand each other's tensors.
const brand = Symbol.for('vqkit.tensor');

/** Older runtimes lack `Symbol.dispose`; the registered symbol keeps the class loadable there. */
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

/**
 * An immutable n-dimensional array on a backend. Made by `tensor`, `zeros`, … and by operations, not by `new`.
 *
 * Freed by `dispose()`, by the `tidy` or `Scope` that it was made in, or by `using`.
 */
export class Tensor {
  readonly [brand] = true;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly backend: Backend;
  /** @internal How gradients flow back from here; set only while `valueAndGrad` records. */
  node: GradientNode | undefined;
  #storage: Storage | undefined;

  /** @internal Takes over one reference to `storage`. */
  constructor(backend: Backend, storage: Storage, shape: Shape, dtype: DType) {
    this.backend = backend;
    this.#storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.node = undefined;
    frames.at(-1)?.tensors.add(this);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether `dispose()` was called. */
  get isDisposed(): boolean {
    return this.#storage === undefined;
  }

  /** @internal The shared storage. @throws MemoryError `TENSOR_DISPOSED` */
  get storage(): Storage {
    if (this.#storage === undefined) {
      throw new MemoryError({
        code: 'TENSOR_DISPOSED',
        message: `expected a live tensor, got one of shape [${this.shape}] that was disposed`,
        fix: 'Return it from the enclosing tidy, or dispose it later',
      });
    }
    return this.#storage;
  }

  /** @internal This tensor as a kernel input. */
  get view(): View {
    return { handle: this.storage.handle, shape: this.shape, dtype: this.dtype };
  }

  /**
   * Copies the values to the host, row-major, in the typed array of the dtype (`f16` as bits in a `Uint16Array`).
   *
   * @param options.signal  Ends the wait at once; the work is given up where the backend can, when the tensor is disposed too.
   * @throws MemoryError `TENSOR_DISPOSED`; BackendError when the engine failed to compute them; the signal's reason.
   */
  async data({ signal }: { readonly signal?: AbortSignal } = {}): Promise<TypedArray> {
    // Disposing the tensor while the copy is under way must not free the values.
    const storage = this.storage;
    storage.references++;
    try {
      return await untilAborted(this.backend.read(this.view, signal), signal);
    } finally {
      release(this.backend, storage);
    }
  }

  /**
   * Copies the values to the host without waiting, on backends that can (`cpu`, `tfjs-cpu`, …).
   *
   * @throws BackendError `READ_SYNC_UNSUPPORTED`; use `data()` there.
   */
  dataSync(): TypedArray {
    if (this.backend.readSync === undefined) {
      throw new BackendError({
        code: 'READ_SYNC_UNSUPPORTED',
        message: `expected a backend that reads synchronously, got '${this.backend.name}'`,
        fix: 'Use `await tensor.data()`',
      });
    }
    return this.backend.readSync(this.view);
  }

  /** The value of a tensor of one element. */
  async item(): Promise<number> {
    return (await this.data())[0] ?? Number.NaN;
  }

  /** Gives up this tensor; idempotent. The values are freed with the last tensor that shares them. */
  dispose(): void {
    const storage = this.#storage;
    if (storage === undefined) return;
    this.#storage = undefined;
    this.node = undefined;
    release(this.backend, storage);
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

/** Whether `value` is a tensor, of this or another copy of the package. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && brand in value;
}

/** Wraps a fresh handle. */
export function fromHandle(backend: Backend, handle: Handle, shape: Shape, dtype: DType): Tensor {
  return new Tensor(backend, { handle, references: 1 }, shape, dtype);
}

/** A second tensor on the same values, with another shape of equal size if given; no gradient history. */
export function alias(x: Tensor, shape: Shape = x.shape): Tensor {
  const { storage } = x;
  storage.references++;
  return new Tensor(x.backend, storage, shape, x.dtype);
}

/** A second tensor on the same values with the same history: what an operation returns that has nothing to do. */
export function share(x: Tensor): Tensor {
  const copy = alias(x);
  copy.node = x.node;
  return copy;
}

function release(backend: Backend, storage: Storage): void {
  storage.references--;
  if (storage.references === 0) backend.free(storage.handle);
}
