/**
 * The reference backend: plain TypeScript, synchronous, sums in float64. It is the oracle that other backends are
 * compared with, and runs everywhere. It does not compile; core interprets graphs on it call by call.
 */
import type { Backend, Handle, KernelCall, MemoryStatistics, View } from '../backend/backend.ts';
import type { TensorSpec, TypedArray } from '../dtype.ts';
import { BackendError } from '../errors.ts';
import { hostOverrides, runOnHost } from './run-on-host.ts';

class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly #arrays = new Map<Handle, TypedArray>();
  #isDisposed = false;

  supports(kernel: string): boolean {
    return Object.hasOwn(hostOverrides, kernel);
  }

  upload(data: TypedArray, _spec: TensorSpec): Handle {
    this.#assertAlive();
    return this.#store(data.slice());
  }

  readSync(view: View): TypedArray {
    return this.#valuesOf(view.handle).slice();
  }

  async read(view: View): Promise<TypedArray> {
    return this.readSync(view);
  }

  run(call: KernelCall): Handle[] {
    this.#assertAlive();
    const inputs = call.inputs.map(({ handle }) => this.#valuesOf(handle));
    return runOnHost(call, inputs).map((data) => this.#store(data));
  }

  free(handle: Handle): void {
    // After dispose() tensors may still be given up one by one; their values are gone already.
    if (this.#isDisposed) return;
    this.#valuesOf(handle);
    this.#arrays.delete(handle);
  }

  memory(): MemoryStatistics {
    let bytes = 0;
    for (const data of this.#arrays.values()) bytes += data.byteLength;
    return { tensors: this.#arrays.size, bytes };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#arrays.clear();
  }

  #store(data: TypedArray): Handle {
    const handle = {};
    this.#arrays.set(handle, data);
    return handle;
  }

  #valuesOf(handle: Handle): TypedArray {
    this.#assertAlive();
    const data = this.#arrays.get(handle);
    if (data !== undefined) return data;
    throw new BackendError({
      code: 'HANDLE_UNKNOWN',
      message: 'cpu: expected a handle of this backend that is alive, got one that was freed or comes from elsewhere',
      fix: 'Free each handle once, after its last use',
    });
  }

  #assertAlive(): void {
    if (!this.#isDisposed) return;
    throw new BackendError({
      code: 'BACKEND_DISPOSED',
      message: 'cpu: expected a live backend, got one that was disposed',
      fix: 'Create a new one with cpu()',
    });
  }
}

/**
 * Makes a reference backend. Each has its own memory; tensors of two of them do not mix.
 *
 * @returns A synchronous backend (`readSync` works) without overrides except `nearestCode`.
 *
 * @example
 * const backend = cpu();
 * const x = tensor(backend, [1, 2, 3]);
 * await square(x).data(); // Float32Array [1, 4, 9]
 */
export function cpu(): Backend {
  return new CpuBackend();
}
