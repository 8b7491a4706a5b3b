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
  requiredKernels,
  sameShape,
  type TensorSpec,
  type TypedArray,
  type View,
} from '@vqkit/core';
import { linear } from './composites/linear.ts';
import { compositeTfKernels, hasOverride } from './composites/table.ts';
import { TfjsError } from './errors.ts';
import { fuseLinear, linearKernel } from './graph/fuse-linear.ts';
import { valueFromNothing } from './kernels/from-nothing.ts';
import { requiredTfKernels } from './kernels/table.ts';
import type { TfKernel } from './kernels/tf-kernel.ts';
import { type DeviceReport, reportOf } from './report.ts';
import { Frame, type Operand } from './runtime/frame.ts';
import { decodeHost, encodeHost, storedDType } from './runtime/representation.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { TensorInfo, TfTensor } from './runtime/tf-types.ts';

// The table is keyed by strings from here on; each kernel trusts that its attributes are its own.
const kernels = new Map<string, TfKernel<never>>(
  Object.entries({ ...requiredTfKernels, ...compositeTfKernels, [linearKernel]: linear }) as [
    string,
    TfKernel<never>,
  ][],
);

/** Stored bytes of one element; u8 and f16 are stored wider than they are, see `representation.ts`. */
const bytesOf = (dtype: TfTensor['dtype']): number => (dtype === 'bool' ? 1 : 4);

/** Runs vqkit's kernels on one tfjs runtime. Made by `tfjs()` and its relatives. */
export class TfjsBackend implements Backend {
  readonly name: string;
  readonly readSync?: (view: View) => TypedArray;
  readonly #runtime: Runtime;
  readonly #tensors = new Map<Handle, TfTensor>();
  #isDisposed = false;

  /** @param name  Name for people, e.g. `tfjs-wasm`. */
  constructor(runtime: Runtime, name: string) {
    this.#runtime = runtime;
    this.name = name;
    if (runtime.traits.readsSynchronously) {
      this.readSync = ({ handle, dtype }) => decodeHost(runtime.backend.readSync(this.#tensorOf(handle).dataId), dtype);
    }
  }

  supports(kernel: string, _inputs: readonly TensorSpec[], attributes: Attributes): boolean {
    return (requiredKernels as readonly string[]).includes(kernel) || hasOverride(kernel, attributes);
  }

  upload(data: TypedArray, { shape, dtype }: TensorSpec): Handle {
    this.#assertAlive();
    const { integers } = this.#runtime;
    return this.#store(this.#runtime.write(encodeHost(data, dtype, integers), shape, storedDType(dtype, integers)));
  }

  async read({ handle, dtype }: View): Promise<TypedArray> {
    const tensor = this.#tensorOf(handle);
    // webgpu refuses to read nothing.
    if (tensor.shape.includes(0)) return decodeHost([], dtype);
    return decodeHost(await this.#runtime.backend.read(tensor.dataId), dtype);
  }

  run(call: KernelCall): Handle[] {
    this.#assertAlive();
    const frame = new Frame(this.#runtime);
    const results: TensorInfo[] = [];
    try {
      for (const info of this.#compute(frame, call)) results.push(frame.keep(info));
    } catch (error) {
      for (const info of results) this.#runtime.release(info);
      throw error;
    } finally {
      frame.end();
    }
    return results.map((info) => this.#store(info));
  }

  free(handle: Handle): void {
    // After dispose() tensors may still be given up one by one; their values are gone already.
    if (this.#isDisposed) return;
    this.#runtime.release(this.#tensorOf(handle));
    this.#tensors.delete(handle);
  }

  compile(graph: Graph): Executable {
    this.#assertAlive();
    return interpret(this, this.#runtime.traits.fusesMatmul ? fuseLinear(graph) : graph);
  }

  memory(): MemoryStatistics {
    let bytes = 0;
    for (const { shape, dtype } of this.#tensors.values()) bytes += shape.reduce((a, b) => a * b, bytesOf(dtype));
    return { tensors: this.#tensors.size, bytes };
  }

  /** Which device really runs the kernels; print it before trusting a measurement. */
  report(): DeviceReport {
    return reportOf(this.#runtime);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const tensor of this.#tensors.values()) this.#runtime.release(tensor);
    this.#tensors.clear();
  }

  #compute(frame: Frame, call: KernelCall): readonly TensorInfo[] {
    const { kernel, attributes, outputs } = call;
    const constants = outputs.map((output) => valueFromNothing(call, output));
    if (constants.every((value) => value !== undefined)) {
      return outputs.map(({ shape, dtype }, i) => frame.full(shape, dtype, constants[i]!));
    }
    const run = kernels.get(kernel);
    if (run === undefined) {
      throw new TfjsError({
        code: 'KERNEL_MISSING',
        message: `${this.name}: expected a required kernel or an override, got '${kernel}'`,
        fix: 'Give the op a default (`forward` in its definition), or use a backend that has this kernel',
      });
    }
    const operands = call.inputs.map((view) => this.#operandOf(frame, view));
    const infos = run(frame, operands, attributes as never, outputs);
    return infos.map((info, i) => frame.reshape(info, outputs[i]!.shape));
  }

  #operandOf(frame: Frame, { handle, shape, dtype }: View): Operand {
    const tensor = this.#tensorOf(handle);
    return { info: sameShape(tensor.shape, shape) ? tensor : frame.reshape(tensor, shape), shape, dtype };
  }

  #store(info: TensorInfo): Handle {
    const tensor = this.#runtime.count(info);
    const handle = {};
    this.#tensors.set(handle, tensor);
    return handle;
  }

  #tensorOf(handle: Handle): TfTensor {
    this.#assertAlive();
    const tensor = this.#tensors.get(handle);
    if (tensor !== undefined) return tensor;
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
