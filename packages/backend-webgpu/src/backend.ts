/** The backend: handles, kernel calls, reading and writing, on top of an engine. */
import {
  type Attributes,
  arrayTypes,
  type Backend,
  byteSizeOf,
  type Executable,
  type Graph,
  type Handle,
  type KernelCall,
  keyOfCall,
  Lru,
  type MemoryStatistics,
  sizeOf,
  Tensor,
  type TensorSpec,
  type TypedArray,
  type View,
} from '@vqkit/core';
import { type CompileOptions, compileGraph } from './compile/compile-graph.ts';
import type { PooledBuffer } from './device/buffer-pool.ts';
import type { Engine } from './device/engine.ts';
import type { OpenedDevice } from './device/open-device.ts';
import type { KernelTime } from './device/profiler.ts';
import { type AdapterName, nameOf } from './device/traits.ts';
import { kernelMissing, WebgpuError } from './errors.ts';
import { conditions, fusedKernels, type KernelTable } from './kernels/table.ts';
import { type PixelImage, type PixelOptions, type PixelSource, Pixels } from './pixels/pixels.ts';
import type { BufferRef, KernelContext, Plan } from './plan.ts';
import { bufferOf, type GpuStorage } from './storage.ts';
import type { Tuner } from './tuning/tuner.ts';

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
  readonly compileOptions: CompileOptions;
}

/** Tensors and kernels on a WebGPU device. Made by `webgpu()`. */
export class WebgpuBackend implements Backend {
  readonly name = 'webgpu';
  /** The adapter's name as the driver gives it, and whether it is a CPU in disguise. */
  readonly info: AdapterName;
  readonly #opened: OpenedDevice;
  readonly #engine: Engine;
  readonly #kernels: KernelTable;
  readonly #context: KernelContext;
  readonly #compileOptions: CompileOptions;
  readonly #pixels: Pixels;
  readonly #plans = new Lru<string, Plan>(2048);
  #isDisposed = false;
  #tensors = 0;
  #bytes = 0;

  /** @internal */
  constructor({ opened, engine, kernels, tuner, compileOptions }: BackendParts) {
    this.#opened = opened;
    this.#engine = engine;
    this.#kernels = kernels;
    this.#compileOptions = compileOptions;
    this.#context = { traits: engine.traits, variantOf: tuner.variantOf };
    tuner.onFound = () => this.#plans.clear();
    this.info = nameOf(opened.device);
    this.#pixels = new Pixels(engine);
  }

  /** The device, for those who draw with it. */
  get device(): GPUDevice {
    return this.#opened.device;
  }

  supports(kernel: string, inputs: readonly TensorSpec[], attributes: Attributes): boolean {
    if (!Object.hasOwn(this.#kernels, kernel)) return false;
    return conditions[kernel]?.({ kernel, inputs, attributes, outputs: [] }, this.#context) ?? true;
  }

  upload(data: TypedArray, spec: TensorSpec): Handle {
    this.#check();
    return this.#adopt(this.#engine.upload(data), byteSizeOf(spec), undefined);
  }

  async read({ handle, shape, dtype }: View): Promise<TypedArray> {
    this.#check();
    const storage = handle as GpuStorage;
    if (sizeOf(shape) === 0) return new arrayTypes[dtype](0);
    const bytes = byteSizeOf({ shape, dtype });
    return new arrayTypes[dtype](await this.#engine.read(bufferOf(storage), bytes, () => this.#failureOf(storage)));
  }

  run({ kernel, inputs, attributes, outputs }: KernelCall): Handle[] {
    this.#check();
    const plan = this.#plans.get(keyOfCall({ kernel, inputs, attributes, outputs }), () => {
      const planner = this.#kernels[kernel];
      if (planner === undefined) throw kernelMissing(kernel);
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
    const kernels = { ...this.#kernels, ...fusedKernels };
    const replay = compileGraph(graph, {
      engine: this.#engine,
      kernels,
      context: this.#context,
      ...this.#compileOptions,
    });
    return {
      run: (inputs) => {
        this.#check();
        const buffers = replay.run(inputs.map(({ handle }) => bufferOf(handle as GpuStorage)));
        const failure = this.#failureAmong(inputs);
        return buffers.map((buffer, i) => this.#adopt(buffer, byteSizeOf(graph.outputs[i]!), failure));
      },
      warmup: async () => {
        this.#check();
        await replay.warmup();
      },
      dispose: () => {
        if (!this.#isDisposed) replay.dispose();
      },
    };
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

  /**
   * An image as a tensor, f32 `[1, height, width, channels]`, without a detour through host memory.
   *
   * @param source  A bitmap, video frame, canvas, image element or texture.
   */
  fromPixels(source: PixelSource, options: PixelOptions = {}): Tensor {
    this.#check();
    const { buffer, width, height } = this.#pixels.read(source, options);
    const shape = [1, height, width, options.channels ?? 3];
    const handle = this.#adopt(buffer, byteSizeOf({ shape, dtype: 'f32' }), undefined);
    return new Tensor(this, { handle, references: 1 }, shape, 'f32');
  }

  /**
   * Writes an image to a texture of its size, `rgba8unorm` with `STORAGE_BINDING`.
   *
   * @param x  f32 in `range`, or u8: `[1, height, width, channels]`.
   * @throws WebgpuError `PIXELS_UNSUPPORTED`
   */
  toTexture(x: Tensor, texture: GPUTexture, options: Pick<PixelOptions, 'range'> = {}): void {
    const { buffer, isBytes, size, channels } = this.#imageOf('toTexture', x);
    this.#pixels.write(buffer, isBytes, size, texture, { ...options, channels });
  }

  /**
   * Draws an image on a canvas, which gets its size.
   *
   * @param x  As for `toTexture`.
   * @throws WebgpuError `PIXELS_UNSUPPORTED`
   */
  toCanvas(x: Tensor, canvas: HTMLCanvasElement | OffscreenCanvas, options: Pick<PixelOptions, 'range'> = {}): void {
    const { buffer, isBytes, size, channels } = this.#imageOf('toCanvas', x);
    this.#pixels.draw(buffer, isBytes, size, canvas, { ...options, channels });
  }

  #imageOf(name: string, x: Tensor): PixelImage {
    this.#check();
    const [n, height, width, channels] = x.shape;
    const isBytes = x.dtype === 'u8';
    const fits = x.rank === 4 && n === 1 && [1, 3, 4].includes(channels!) && (isBytes || x.dtype === 'f32');
    if (fits && x.backend === this) {
      const buffer = bufferOf(x.view.handle as GpuStorage);
      return { buffer, isBytes, size: { width: width!, height: height! }, channels: channels as 1 | 3 | 4 };
    }
    throw new WebgpuError({
      code: 'PIXELS_UNSUPPORTED',
      message: `${name}: expected f32 or u8 [1, height, width, 1, 3 or 4] on this backend, got ${x.dtype} [${x.shape}] on '${x.backend.name}'`,
      fix: 'Slice one image and its first three channels, or move the tensor here with transfer',
    });
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
