/**
 * The backend: values live in host arrays, compiled graphs run in onnxruntime sessions. The engine is asynchronous, so
 * runs return handles at once, whose values arrive later; order follows from the data.
 */
import {
  type Attributes,
  type Backend,
  type Executable,
  type ExecutableOptions,
  type Graph,
  type Handle,
  type KernelCall,
  type MemoryStatistics,
  runOnHost,
  type TensorSpec,
  type TypedArray,
  type View,
} from '@vqkit/core';
import { compositeLowerings } from './compile/kernels/table.ts';
import { OnnxError } from './errors.ts';
import { EagerPrograms, isHostCall } from './runtime/eager.ts';
import { memoryReturn } from './runtime/give-back.ts';
import { Program, type ProgramContext } from './runtime/program.ts';
import { HandleStore, type StoredValue, withArrays } from './runtime/storage.ts';

// Enough for the distinct calls of a large network; a session of one kernel takes some 100 KB.
const eagerSessions = 256;

/** @internal Made by `onnx()`. */
export class OnnxBackend implements Backend {
  readonly name: string;
  readonly #context: ProgramContext;
  readonly #store: HandleStore;
  readonly #eager: EagerPrograms;
  readonly #programs = new Set<Program>();
  #isDisposed = false;

  constructor(name: string, engine: Omit<ProgramContext, 'giveBack'>) {
    this.name = name;
    const giveBack = memoryReturn();
    this.#context = { ...engine, giveBack };
    this.#store = new HandleStore(giveBack);
    this.#eager = new EagerPrograms(this.#context, eagerSessions);
  }

  supports(kernel: string, _inputs: readonly TensorSpec[], _attributes: Attributes): boolean {
    return Object.hasOwn(compositeLowerings, kernel);
  }

  upload(data: TypedArray, spec: TensorSpec): Handle {
    this.#assertAlive();
    return this.#store.add(spec, data.slice());
  }

  async read(view: View, signal?: AbortSignal): Promise<TypedArray> {
    this.#assertAlive();
    return withArrays([this.#store.get(view.handle)], ([data]) => data!.slice(), signal);
  }

  run(call: KernelCall): Handle[] {
    this.#assertAlive();
    const inputs = call.inputs.map(({ handle }) => this.#store.get(handle));
    const isReady = inputs.every(({ data }) => data !== undefined);
    if (isReady && isHostCall(call, this.#context.hostWork)) {
      return runOnHost(
        call,
        inputs.map(({ data }) => data!),
      ).map((data, i) => this.#store.add(call.outputs[i]!, data));
    }
    return this.#start(inputs, call.outputs, (arrays) => this.#eager.run(call, arrays));
  }

  compile(graph: Graph, options?: ExecutableOptions): Executable {
    this.#assertAlive();
    const program = new Program(this.#context, graph, options);
    this.#programs.add(program);
    return {
      run: (views) => {
        this.#assertAlive();
        const inputs = views.map(({ handle }) => this.#store.get(handle));
        return this.#start(inputs, graph.outputs, (arrays, signal) => program.run(arrays, signal));
      },
      warmup: () => program.warmup(),
      dispose: () => {
        program.dispose();
        this.#programs.delete(program);
      },
    };
  }

  free(handle: Handle): void {
    // After dispose() tensors may still be given up one by one; their values are gone already.
    if (!this.#isDisposed) this.#store.free(handle);
  }

  memory(): MemoryStatistics {
    return this.#store.statistics();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#eager.dispose();
    for (const program of this.#programs) program.dispose();
    this.#programs.clear();
    this.#store.clear();
  }

  /** Runs work once its inputs are there, and gives it up when all its results have been freed. */
  #start(
    inputs: readonly StoredValue[],
    specs: readonly TensorSpec[],
    work: (arrays: TypedArray[], signal: AbortSignal) => Promise<TypedArray[]>,
  ): Handle[] {
    const end = new AbortController();
    const results = withArrays(inputs, (arrays) => work(arrays, end.signal), end.signal);
    let wanted = specs.length;
    return specs.map(({ shape, dtype }, i) => {
      const values = results.then((arrays) => arrays[i]!);
      const value = this.#store.add({ shape, dtype }, values);
      value.onUnwanted = () => --wanted === 0 && end.abort();
      return value;
    });
  }

  #assertAlive(): void {
    if (!this.#isDisposed) return;
    throw new OnnxError({
      code: 'BACKEND_DISPOSED',
      message: `${this.name}: expected a live backend, got one that was disposed`,
      fix: 'Create a new one with `await onnx()`',
    });
  }
}
