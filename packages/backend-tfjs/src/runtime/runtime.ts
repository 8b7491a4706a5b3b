/**
 * One tfjs runtime (`cpu`, `wasm`, `webgl`, `webgpu`, or `tensorflow`, the native one), addressed directly: kernels are
 * looked up by runtime and called with that runtime, so tfjs's global choice of a backend neither matters nor changes,
 * tfjs never moves our data to another runtime, and no `tf.tidy` of the caller frees it. Only finished values become
 * tensors of tfjs's engine, so that `tf.memory()` counts them.
 */
import type { TypedArray } from '@vqkit/core';
import { TfjsError } from '../errors.ts';
import type { IntegerStorage } from './representation.ts';
import type {
  TensorInfo,
  TfAttributes,
  TfDType,
  TfEngine,
  TfInputs,
  TfKernelBackend,
  TfKernelConfig,
  TfNamespace,
  TfTensor,
} from './tf-types.ts';
import { type Traits, traitsOf } from './traits.ts';

/** Whether a kernel's result already is a tensor that the engine counts; the native runtime returns those. */
function isCounted(info: TensorInfo): info is TfTensor {
  return typeof (info as Partial<TfTensor>).dispose === 'function';
}

/** An open tfjs runtime. */
export class Runtime {
  readonly tf: TfNamespace;
  /** tfjs's name of the runtime. */
  readonly name: string;
  readonly backend: TfKernelBackend;
  readonly traits: Traits;
  /** What integers are stored as. */
  readonly integers: IntegerStorage;
  readonly #isNative: boolean;
  readonly #kernels = new Map<string, TfKernelConfig['kernelFunc']>();

  /** @param traits  What kernels may rely on; the facts that are known of the runtime unless given. */
  constructor(tf: TfNamespace, name: string, backend: TfKernelBackend, traits: Traits = traitsOf(name)) {
    this.tf = tf;
    this.name = name;
    this.backend = backend;
    this.traits = traits;
    this.#isNative = name === 'tensorflow';
    this.integers = this.traits.integerBits === 32 ? 'int32' : 'float32';
    for (const kernel of tf.getKernelsForBackend(name) as TfKernelConfig[]) {
      this.#kernels.set(kernel.kernelName, kernel.kernelFunc);
      // What setBackend() does: wasm binds its functions here. Doing it again for the same instance changes nothing.
      kernel.setupFunc?.(backend);
    }
  }

  /** Whether this runtime has a kernel of its own by tfjs's name. */
  has(kernel: string): boolean {
    return this.#kernels.has(kernel);
  }

  /** Runs one tfjs kernel. @throws TfjsError `KERNEL_MISSING`, `KERNEL_FAILED` */
  call(kernel: string, inputs: TfInputs, attrs: TfAttributes): TensorInfo | TensorInfo[] {
    const kernelFunc = this.#kernels.get(kernel);
    if (kernelFunc === undefined) {
      throw new TfjsError({
        code: 'KERNEL_MISSING',
        message: `tfjs-${this.name}: expected tfjs to register a kernel '${kernel}' for this runtime, found none`,
        fix: 'Import the whole runtime package, version 4.22 or newer, rather than a custom build',
      });
    }
    try {
      const result = this.#asCurrent(() => kernelFunc({ inputs, attrs, backend: this.backend }));
      return Array.isArray(result) ? result.map((info) => this.#asInput(info)) : this.#asInput(result);
    } catch (cause) {
      throw new TfjsError({
        code: 'KERNEL_FAILED',
        message: `tfjs-${this.name}: kernel '${kernel}' failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        fix: 'Check the shapes of the call; if they are right, report it with this message',
        cause,
      });
    }
  }

  /** Stores host values. The runtime keeps `values` itself, so the caller must not write to them later. */
  write(values: TypedArray | null, shape: readonly number[], dtype: TfDType): TensorInfo {
    const owned = [...shape];
    return this.#asInput({ dataId: this.backend.write(values, owned, dtype), shape: owned, dtype });
  }

  /** Gives up what a kernel returned or `write` made. */
  release(info: TensorInfo): void {
    if (isCounted(info)) info.dispose();
    else this.backend.disposeData(info.dataId);
  }

  /**
   * Makes a tensor that tfjs counts, and that no `tf.tidy` frees, of what a kernel returned. On a GPU its values are
   * there from now on: tfjs runs kernels on the host while all their inputs are small and still there.
   */
  count(info: TensorInfo): TfTensor {
    if (!info.shape.includes(0)) this.backend.uploadToGPU?.(info.dataId);
    return this.tf.keep(isCounted(info) ? info : this.#makeTensor(info)) as TfTensor;
  }

  #makeTensor(info: TensorInfo): TfTensor {
    return (this.tf.engine() as TfEngine).makeTensorFromTensorInfo(info, this.backend);
  }

  /** Some kernels of the native runtime only take tensors of the engine, not mere descriptions of stored values. */
  #asInput(info: TensorInfo): TensorInfo {
    return this.#isNative && !isCounted(info) ? this.#makeTensor(info) : info;
  }

  /**
   * The native runtime's kernels call other tfjs functions, which run on tfjs's current backend: it is made current for
   * the call and what was current before is put back. The other runtimes need no such thing.
   */
  #asCurrent<T>(work: () => T): T {
    const previous = this.#isNative ? this.tf.getBackend() : this.name;
    if (previous === this.name) return work();
    // Both are initialized, so setBackend() takes effect before it returns.
    void this.tf.setBackend(this.name);
    try {
      return work();
    } finally {
      if (previous) void this.tf.setBackend(previous);
    }
  }
}

/**
 * Opens the runtime called `name`, starting it if need be. tfjs's current backend stays what it is; only where none
 * was chosen yet, it becomes this one.
 *
 * @throws TfjsError `RUNTIME_UNKNOWN` when `tf` has no such backend, `RUNTIME_FAILED` when it does not start here.
 */
export async function openRuntime(tf: TfNamespace, name: string): Promise<Runtime> {
  if (tf.getKernelsForBackend(name).length === 0) {
    throw new TfjsError({
      code: 'RUNTIME_UNKNOWN',
      message: `tfjs: expected a registered backend, got '${name}'`,
      fix: `Import its package first, e.g. import '@tensorflow/tfjs-backend-${name}'`,
    });
  }
  // The first call starts an asynchronous runtime, ready() waits for it, and the second call returns it.
  let backend = tf.findBackend(name) as TfKernelBackend | null;
  if (!backend) {
    await tf.ready();
    backend = tf.findBackend(name) as TfKernelBackend | null;
  }
  if (backend) {
    // tf.memory() asks the current backend, so there has to be one; one that was chosen before stays.
    if (!tf.getBackend()) await tf.setBackend(name);
    return new Runtime(tf, name, backend);
  }
  throw new TfjsError({
    code: 'RUNTIME_FAILED',
    message: `tfjs: expected backend '${name}' to start, and it did not; tfjs printed the reason`,
    fix: 'webgl and webgpu need a browser with a GPU (or a software one); wasm must find its .wasm files (setWasmPaths)',
  });
}
