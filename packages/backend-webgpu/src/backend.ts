/** The backend: handles, kernel calls, reading and writing, on top of an engine. */
import {
  type Attributes,
  type Backend,
  byteSizeOf,
  type Executable,
  type Graph,
  type Handle,
  type KernelCall,
  type MemoryStatistics,
  sizeOf,
  type TensorSpec,
  type TypedArray,
  type View,
} from '@vqkit/core';
import { unitsOf } from './compile/fuse.ts';
import { programOf } from './compile/program.ts';
import { Replay } from './compile/replay.ts';
import type { PooledBuffer } from './device/buffer-pool.ts';
import type { Engine } from './device/engine.ts';
import type { OpenedDevice } from './device/open-device.ts';
import type { KernelTime } from './device/profiler.ts';
import { type AdapterName, nameOf } from './device/traits.ts';
import { WebgpuError } from './errors.ts';
import { conditions, fusedKernels, type KernelTable } from './kernels/table.ts';
import type { BufferRef, KernelContext } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import type { GpuStorage } from './storage.ts';
import { type Tunable, type Tuner, watchKernels } from './tuning/tuner.ts';

/** What a backend has done and holds, beyond `memory()`. */
export interface WebgpuStatistics {
  /** GPU buffers that exist, in use or waiting for reuse. */
  readonly buffers: number;
  /** Their bytes. */
  readonly bytes: number;
  /** The most bytes there ever were since the last `resetPeak()`. */
  readonly peakBytes: number;
  /** Bytes that wait for reuse. */
  readonly idleBytes: number;
  readonly dispatches: number;
  readonly submits: number;
  readonly pipelines: number;
  readonly bindGroups: number;
}

/** What a backend is made of. */
export interface BackendParts {
  readonly opened: OpenedDevice;
  readonly engine: Engine;
  readonly kernels: KernelTable;
  readonly tuner: Tuner;
  /** Whether `warmup` measures variants. */
  readonly isTuned: boolean;
}

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array, f16: Uint16Array } as const;

/** Tensors and kernels on a WebGPU device. Made by `webgpu()`. */
export class WebgpuBackend implements Backend {
  readonly name = 'webgpu';
  /** The adapter's name as the driver gives it, and whether it is a CPU in disguise. */
  readonly info: AdapterName;
  readonly #opened: OpenedDevice;
  readonly #engine: Engine;
  readonly #kernels: KernelTable;
  readonly #context: KernelContext;
  readonly #tuner: Tuner;
  readonly #isTuned: boolean;
  readonly #plans = new PlanCache();
  #isDisposed = false;
  #tensors = 0;
  #bytes = 0;

  /** @internal */
  constructor({ opened, engine, kernels, tuner, isTuned }: BackendParts) {
    this.#opened = opened;
    this.#engine = engine;
    this.#kernels = kernels;
    this.#tuner = tuner;
    this.#isTuned = isTuned;
    this.#context = { traits: engine.traits, variantOf: tuner.variantOf };
    this.info = nameOf(opened.device);
  }

  /** The device, for those who draw with it. */
  get device(): GPUDevice {
    return this.#opened.device;
  }

  supports(kernel: string, inputs: readonly TensorSpec[], _attributes: Attributes): boolean {
    return Object.hasOwn(this.#kernels, kernel) && (conditions[kernel]?.(inputs) ?? true);
  }

  upload(data: TypedArray, spec: TensorSpec): Handle {
    this.#check();
    return this.#adopt(this.#engine.upload(data), byteSizeOf(spec), undefined);
  }

  async read({ handle, shape, dtype }: View): Promise<TypedArray> {
    this.#check();
    const storage = handle as GpuStorage;
    if (sizeOf(shape) === 0) return new arrays[dtype](0);
    const bytes = byteSizeOf({ shape, dtype });
    return new arrays[dtype](await this.#engine.read(bufferOf(storage), bytes, () => this.#failureOf(storage)));
  }

  run({ kernel, inputs, attributes, outputs }: KernelCall): Handle[] {
    this.#check();
    const plan = this.#plans.get({ kernel, inputs, attributes, outputs }, () => {
      const planner = this.#kernels[kernel];
      if (planner === undefined) throw missing(kernel);
      return planner({ kernel, inputs, attributes, outputs }, this.#context);
    });
    const { pool } = this.#engine;
    const sources = inputs.map(({ handle }) => bufferOf(handle as GpuStorage));
    const targets = outputs.map((spec) => pool.acquire(byteSizeOf(spec)));
    const temporaries = plan.temporaries.map((bytes) => pool.acquire(bytes));
    const resolve = ({ role, index }: BufferRef): PooledBuffer =>
      (role === 'input' ? sources : role === 'output' ? targets : temporaries)[index]!;
    try {
      for (const step of plan.steps) this.#engine.encode(step, resolve);
    } catch (error) {
      for (const buffer of targets) pool.release(buffer);
      throw error;
    } finally {
      for (const buffer of temporaries) pool.release(buffer);
    }
    const failure = this.#failureAmong(inputs);
    return targets.map((buffer, i) => this.#adopt(buffer, byteSizeOf(outputs[i]!), failure));
  }

  compile(graph: Graph): Executable {
    this.#check();
    const { device } = this.#engine;
    const table = { ...this.#kernels, ...fusedKernels };
    const alignment = device.limits.minUniformBufferOffsetAlignment;
    const replay = new Replay(this.#engine, graph, () => programOf(graph, table, this.#context, alignment));
    return {
      run: (inputs) => {
        this.#check();
        const buffers = replay.run(inputs.map(({ handle }) => bufferOf(handle as GpuStorage)));
        const failure = this.#failureAmong(inputs);
        return buffers.map((buffer, i) => this.#adopt(buffer, byteSizeOf(graph.outputs[i]!), failure));
      },
      warmup: async () => {
        this.#check();
        if (this.#isTuned) await this.#tune(graph, table);
        await replay.warmup();
      },
      dispose: () => {
        if (!this.#isDisposed) replay.dispose();
      },
    };
  }

  /** Measures the variants of the heavy kernels in a graph, where that has not been done on this adapter. */
  async #tune(graph: Graph, table: KernelTable): Promise<void> {
    const tunables: Tunable[] = [];
    const watched = watchKernels(table, (tunable) => tunables.push(tunable));
    unitsOf(graph, watched, this.#context);
    await this.#tuner.tune(this.#engine, tunables);
    this.#plans.clear();
  }

  free(handle: Handle): void {
    const storage = handle as GpuStorage;
    if (storage.buffer === undefined) return;
    this.#tensors--;
    this.#bytes -= storage.bytes;
    if (!this.#isDisposed) this.#engine.pool.release(storage.buffer);
    storage.buffer = undefined;
  }

  memory(): MemoryStatistics {
    return { tensors: this.#tensors, bytes: this.#bytes };
  }

  /** Counts of buffers, bytes, dispatches and cached objects. */
  stats(): WebgpuStatistics {
    const { pool, stream, pipelines } = this.#engine;
    return {
      ...pool.statistics,
      ...pipelines.statistics,
      dispatches: stream.dispatches,
      submits: stream.submits,
    };
  }

  /** Starts the peak of `stats().peakBytes` afresh. */
  resetPeak(): void {
    this.#engine.pool.resetPeak();
  }

  /** Destroys buffers that wait for reuse. */
  trim(): void {
    this.#check();
    this.#engine.pool.trim();
    this.#engine.pipelines.forgetBindGroups();
    this.#engine.stream.flush();
  }

  /**
   * Time per kernel since the last call, longest first; empty unless made with `webgpu({ profile: true })` on a device
   * with timestamps.
   */
  async profile(): Promise<readonly KernelTime[]> {
    this.#engine.stream.flush();
    return (await this.#engine.profiler?.report()) ?? [];
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#engine.dispose();
    if (this.#opened.isOwned) this.#opened.device.destroy();
  }

  #adopt(buffer: PooledBuffer, bytes: number, failure: WebgpuError | undefined): GpuStorage {
    this.#tensors++;
    this.#bytes += bytes;
    return { buffer, bytes, epoch: this.#engine.failures.epoch, failure };
  }

  #failureOf({ epoch, failure }: GpuStorage): WebgpuError | undefined {
    return failure ?? this.#engine.failures.of(epoch);
  }

  #failureAmong(inputs: readonly View[]): WebgpuError | undefined {
    // Without any failure on record nothing can be inherited: the usual case costs nothing.
    for (const { handle } of inputs) {
      const failure = this.#failureOf(handle as GpuStorage);
      if (failure) return failure;
    }
    return undefined;
  }

  #check(): void {
    if (this.#isDisposed) {
      throw new WebgpuError({
        code: 'BACKEND_DISPOSED',
        message: 'expected a live WebGPU backend, got one that was disposed',
        fix: 'Make a new one with webgpu()',
      });
    }
    if (this.#engine.failures.lost) throw this.#engine.failures.lost;
  }
}

function bufferOf(storage: GpuStorage): PooledBuffer {
  if (storage.buffer) return storage.buffer;
  throw new WebgpuError({
    code: 'HANDLE_FREED',
    message: 'expected a handle that is alive, got one that was freed',
    fix: 'Free a handle after its last use',
  });
}

function missing(kernel: string): WebgpuError {
  return new WebgpuError({
    code: 'KERNEL_MISSING',
    message: `expected a kernel of this backend, got '${kernel}'`,
    fix: 'Give the op a default (defineOp), or pass webgpu({ kernels: { … } })',
  });
}
