/**
 * A vqkit backend on a tfjs runtime. It keeps the account of its own tensors; the storage and the kernels are the
 * runtime's, which several backends of one process may share without meeting.
 */
import {
  type Attributes,
  type Backend,
  type Executable,
  type Graph,
  type Handle,
  interpret,
  type KernelCall,
  type MemoryStatistics,
  sizeOf,
  type TensorSpec,
  type TypedArray,
  type View,
} from '@vqkit/core';
import { hasOverride } from './composites/table.ts';
import { TfjsError } from './errors.ts';
import { fuseLinear } from './graph/fuse-linear.ts';
import { requiredTfKernels } from './kernels/table.ts';
import { type DeviceReport, reportOf } from './report.ts';
import { isWide, type Parts, runCall, type StoredOperand } from './run-call.ts';
import { Frame } from './runtime/frame.ts';
import { decodeHost, encodeHost, storedDType } from './runtime/representation.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { TensorInfo, TfTensor } from './runtime/tf-types.ts';
import { joinHalves, wideValues } from './wide/wide.ts';

/** Stored bytes of one element; u8 and f16 are stored wider than they are, see `representation.ts`. */
const bytesOf = (dtype: TfTensor['dtype']): number => (dtype === 'bool' ? 1 : 4);

/** Runs vqkit's kernels on one tfjs runtime. Made by `tfjs()` and its relatives. */
export class TfjsBackend implements Backend {
  readonly name: string;
  readonly readSync?: (view: View) => TypedArray;
  readonly #runtime: Runtime;
  readonly #tensors = new Map<Handle, readonly TfTensor[]>();
  #isDisposed = false;

  /** @param name  Name for people, e.g. `tfjs-wasm`. */
  constructor(runtime: Runtime, name: string) {
    this.#runtime = runtime;
    this.name = name;
    if (runtime.traits.readsSynchronously) {
      this.readSync = ({ handle, dtype }) => {
        const [values, low] = this.#partsOf(handle).map(({ dataId }) => runtime.backend.readSync(dataId));
        return decodeHost(low ? joinHalves(values!, low) : values!, dtype);
      };
    }
  }

  supports(kernel: string, _inputs: readonly TensorSpec[], attributes: Attributes): boolean {
    return Object.hasOwn(requiredTfKernels, kernel) || hasOverride(kernel, attributes);
  }

  upload(data: TypedArray, spec: TensorSpec): Handle {
    this.#assertAlive();
    const { shape, dtype } = spec;
    return this.#inFrame((frame) => {
      if (!isWide(this.#runtime, spec)) {
        const { integers } = frame;
        return [[frame.constant(encodeHost(data, dtype, integers), shape, storedDType(dtype, integers))]];
      }
      const { hi, lo } = wideValues(frame, data, shape);
      return [[hi, lo]];
    })[0]!;
  }

  async read({ handle, dtype }: View): Promise<TypedArray> {
    const parts = this.#partsOf(handle);
    // webgpu refuses to read nothing.
    if (parts[0]!.shape.includes(0)) return decodeHost([], dtype);
    const [values, low] = await Promise.all(parts.map(({ dataId }) => this.#runtime.backend.read(dataId)));
    return decodeHost(low ? joinHalves(values!, low) : values!, dtype);
  }

  run(call: KernelCall): Handle[] {
    this.#assertAlive();
    const stored = ({ handle, shape, dtype }: View): StoredOperand => ({ parts: this.#partsOf(handle), shape, dtype });
    return this.#inFrame((frame) => runCall(frame, { ...call, inputs: call.inputs.map(stored) }));
  }

  free(handle: Handle): void {
    // After dispose() tensors may still be given up one by one; their values are gone already.
    if (this.#isDisposed) return;
    for (const part of this.#partsOf(handle)) this.#runtime.release(part);
    this.#tensors.delete(handle);
  }

  compile(graph: Graph): Executable {
    this.#assertAlive();
    return interpret(this, this.#runtime.traits.fusesMatmul ? fuseLinear(graph) : graph);
  }

  memory(): MemoryStatistics {
    let bytes = 0;
    for (const { shape, dtype } of [...this.#tensors.values()].flat()) bytes += sizeOf(shape) * bytesOf(dtype);
    return { tensors: this.#tensors.size, bytes };
  }

  /** Which device really runs the kernels; print it before trusting a measurement. */
  report(): DeviceReport {
    return reportOf(this.#runtime);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const part of [...this.#tensors.values()].flat()) this.#runtime.release(part);
    this.#tensors.clear();
  }

  /** Runs work that makes values; what it returns gets handles, and all else that it made is released. */
  #inFrame(work: (frame: Frame) => readonly Parts[]): Handle[] {
    const frame = new Frame(this.#runtime);
    const kept: TensorInfo[] = [];
    const keep = (info: TensorInfo): TensorInfo => {
      const own = frame.keep(info);
      kept.push(own);
      return own;
    };
    try {
      const results = work(frame).map((parts) => parts.map(keep));
      return results.map((parts) => this.#store(parts));
    } catch (error) {
      for (const info of kept) this.#runtime.release(info);
      throw error;
    } finally {
      frame.end();
    }
  }

  #store(parts: Parts): Handle {
    const handle = {};
    this.#tensors.set(
      handle,
      parts.map((part) => this.#runtime.count(part)),
    );
    return handle;
  }

  #partsOf(handle: Handle): readonly TfTensor[] {
    this.#assertAlive();
    const parts = this.#tensors.get(handle);
    if (parts !== undefined) return parts;
    throw new TfjsError({
      code: 'HANDLE_UNKNOWN',
      message: `${this.name}: expected a handle of this backend that is alive, got one that was freed or comes from elsewhere`,
      fix: 'Free each handle once, after its last use',
    });
  }

  #assertAlive(): void {
    if (!this.#isDisposed) return;
    throw new TfjsError({
      code: 'BACKEND_DISPOSED',
      message: `${this.name}: expected a live backend, got one that was disposed`,
      fix: 'Create a new one',
    });
  }
}
