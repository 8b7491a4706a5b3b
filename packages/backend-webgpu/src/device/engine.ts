/**
 * The parts of a device that work together: pool, pipelines, command stream, failures. Runs plans on buffers and copies
 * values in and out; knows nothing of tensors.
 */
import { WebgpuError } from '../errors.ts';
import type { BufferRef, Program, Step } from '../plan.ts';
import { BufferPool, type PooledBuffer } from './buffer-pool.ts';
import { CommandStream } from './command-stream.ts';
import { Failures } from './failures.ts';
import { bufferUsage, mapModeRead } from './flags.ts';
import { type BufferBinding, type Pipeline, Pipelines } from './pipelines.ts';
import { Profiler } from './profiler.ts';
import { type DeviceTraits, traitsOf } from './traits.ts';

/** Options of an engine. */
export interface EngineOptions {
  /** Bytes of idle buffers that are kept for reuse. */
  readonly maxIdleBytes: number;
  /** Whether to time every dispatch. */
  readonly isProfiled: boolean;
  /** Whether to choose kernels for a CPU that plays the GPU; undefined to go by the adapter's name. */
  readonly isSoftware?: boolean | undefined;
}

/** Runs dispatches on a device. */
export class Engine {
  readonly device: GPUDevice;
  readonly traits: DeviceTraits;
  readonly failures: Failures;
  readonly pool: BufferPool;
  readonly pipelines: Pipelines;
  readonly stream: CommandStream;
  readonly profiler: Profiler | undefined;
  #names = 0;

  constructor(device: GPUDevice, { maxIdleBytes, isProfiled, isSoftware }: EngineOptions) {
    this.device = device;
    this.traits = traitsOf(device, isSoftware);
    this.failures = new Failures(device);
    this.pool = new BufferPool(device, this.failures, maxIdleBytes);
    this.pipelines = new Pipelines(device, this.failures);
    this.profiler = isProfiled && device.features.has('timestamp-query') ? new Profiler(device) : undefined;
    this.stream = new CommandStream(device, this.failures, this.profiler, () => this.pool.destroyDoomed());
  }

  /** A number that nobody else on this engine has. */
  nextName(): number {
    return this.#names++;
  }

  /**
   * Encodes one step.
   *
   * @param resolve  Finds the buffer behind a reference.
   * @throws WebgpuError `TENSOR_TOO_LARGE` when a buffer is larger than the device can bind.
   */
  encode(step: Step, resolve: (ref: BufferRef) => PooledBuffer): void {
    const { program, uniforms } = step;
    const pipeline = this.pipelines.get(program);
    const bindings = this.bindingsOf(step, resolve);
    const bindGroup = this.pipelines.bindGroup(pipeline, program, bindings, this.stream.uniforms.buffer, 'ring');
    this.dispatch(step, pipeline, bindGroup, program.uniformBytes > 0 ? uniforms : undefined);
    const { epoch } = this.failures;
    for (const { buffer } of bindings) buffer.lastEpoch = epoch;
  }

  /** Encodes a step whose bind group exists. */
  dispatch(
    { program, groups }: Step,
    { pipeline }: Pipeline,
    bindGroup: GPUBindGroup,
    uniforms: Uint32Array | number | undefined,
  ): void {
    const { maxGroupsPerAxis } = this.traits;
    const y = Math.ceil(groups / maxGroupsPerAxis);
    const x = y > 1 ? Math.ceil(groups / y) : groups;
    this.stream.dispatch({ label: program.label, pipeline, bindGroup, uniforms, x, y });
  }

  /** The bindings of a step. */
  bindingsOf({ program, buffers }: Step, resolve: (ref: BufferRef) => PooledBuffer): BufferBinding[] {
    return buffers.map((ref) => {
      const buffer = resolve(ref);
      const offset = ref.offset ?? 0;
      const bytes = ref.bytes === undefined ? buffer.bytes - offset : Math.ceil(ref.bytes / 16) * 16;
      if (bytes > this.traits.maxBindingBytes) throw tooLarge(program, bytes, this.traits.maxBindingBytes);
      return { buffer, offset, bytes };
    });
  }

  /** A buffer with these values. */
  upload(data: ArrayBufferView): PooledBuffer {
    const buffer = this.pool.acquire(data.byteLength);
    // A write overtakes commands that are not submitted yet, and these may still use a recycled buffer.
    if (this.stream.isOpen(buffer.lastEpoch)) this.stream.flush();
    const whole = data.byteLength - (data.byteLength % 4);
    const { queue } = this.device;
    if (whole > 0) queue.writeBuffer(buffer.buffer, 0, data.buffer, data.byteOffset, whole);
    if (whole < data.byteLength) {
      const rest = new Uint8Array(4);
      rest.set(new Uint8Array(data.buffer, data.byteOffset + whole, data.byteLength - whole));
      queue.writeBuffer(buffer.buffer, whole, rest);
    }
    buffer.lastEpoch = this.failures.epoch;
    return buffer;
  }

  /**
   * Copies bytes out. Everything encoded so far is submitted at once, before anything is awaited.
   *
   * @param failure  Looked up when all reports are in.
   */
  async read(buffer: PooledBuffer, bytes: number, failure: () => WebgpuError | undefined): Promise<ArrayBuffer> {
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    const staging = this.failures.guard(`a staging buffer of ${size} bytes`, () =>
      this.device.createBuffer({ size, usage: bufferUsage.mapRead | bufferUsage.copyDestination }),
    );
    this.stream.copy(buffer.buffer, staging, size);
    this.stream.flush();
    try {
      await staging.mapAsync(mapModeRead);
    } catch (cause) {
      await this.failures.settled();
      throw this.failures.lost ?? failure() ?? (await this.failures.loss()) ?? this.#readFailed(cause);
    }
    await this.failures.settled();
    const error = this.failures.lost ?? failure();
    const data = error === undefined ? staging.getMappedRange().slice(0, bytes) : new ArrayBuffer(0);
    staging.unmap();
    staging.destroy();
    if (error) throw error;
    return data;
  }

  /** Submits everything and resolves when it is done. @throws WebgpuError `DEVICE_LOST`, `GPU_FAILED` */
  async finished(): Promise<void> {
    this.stream.flush();
    await this.device.queue.onSubmittedWorkDone().catch(async (cause: unknown) => {
      throw (await this.failures.loss()) ?? this.#readFailed(cause);
    });
  }

  /** Frees everything that belongs to us on the device. */
  dispose(): void {
    if (this.failures.lost === undefined) this.stream.flush();
    this.pool.trim();
    this.pool.destroyDoomed();
    this.pipelines.forgetBindGroups();
    this.stream.uniforms.destroy();
  }

  #readFailed(cause: unknown): WebgpuError {
    return new WebgpuError({
      code: 'GPU_FAILED',
      message: `expected the GPU to finish its work, got: ${(cause as Error).message}`,
      fix: 'Look at the errors before this one; if there are none, make a new backend',
      cause,
    });
  }
}

function tooLarge({ label }: Program, bytes: number, limit: number): WebgpuError {
  return new WebgpuError({
    code: 'TENSOR_TOO_LARGE',
    message: `${label}: expected buffers of at most ${limit} bytes, which is what this device binds at once, got ${bytes}`,
    fix: 'Split the batch, work in tiles, or use another backend for this step',
  });
}
