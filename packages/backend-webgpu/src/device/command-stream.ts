/**
 * The way to the queue: one encoder and one compute pass stay open, dispatches pile up, and a submit carries them all.
 * It happens when somebody reads, after a number of dispatches, and at the end of the current turn of the event loop.
 */
import type { Failures } from './failures.ts';
import type { Profiler } from './profiler.ts';
import { UniformRing } from './uniform-ring.ts';

/** One dispatch, ready to encode. */
export interface Dispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Parameters: values for the ring, or the offset where the bind group's own buffer has them. */
  readonly uniforms: Uint32Array | number | undefined;
  readonly x: number;
  readonly y: number;
}

/** Enough for the GPU to start while the rest is encoded. */
const maxDispatchesPerSubmit = 128;

/** Encodes and submits. */
export class CommandStream {
  /** Parameters of the dispatches of the open batch. */
  readonly uniforms: UniformRing;
  dispatches = 0;
  submits = 0;
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #profiler: Profiler | undefined;
  readonly #afterSubmit: () => void;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #pipeline: GPUComputePipeline | undefined;
  #openDispatches = 0;
  #openedIn = 0;

  constructor(device: GPUDevice, failures: Failures, profiler: Profiler | undefined, afterSubmit: () => void) {
    this.#device = device;
    this.#failures = failures;
    this.#profiler = profiler;
    this.#afterSubmit = afterSubmit;
    this.uniforms = new UniformRing(device);
  }

  /** Whether commands of epoch `lastEpoch` may still wait to be submitted. */
  isOpen(lastEpoch: number): boolean {
    return this.#encoder !== undefined && lastEpoch >= this.#openedIn;
  }

  /** Adds a dispatch. */
  dispatch({ label, pipeline, bindGroup, uniforms, x, y }: Dispatch): void {
    // Replays, whose parameters lie in buffers of their own, are never split.
    const isReplay = typeof uniforms === 'number';
    if (!isReplay && (this.#openDispatches >= maxDispatchesPerSubmit || !this.uniforms.hasRoom)) this.flush();
    const encoder = this.#open();
    if (this.#profiler) this.#endPass();
    if (this.#pass === undefined) {
      this.#pass = encoder.beginComputePass(this.#profiler?.descriptorFor(label));
      this.#pipeline = undefined;
    }
    if (this.#pipeline !== pipeline) this.#pass.setPipeline(pipeline);
    this.#pipeline = pipeline;
    if (uniforms === undefined) this.#pass.setBindGroup(0, bindGroup);
    else this.#pass.setBindGroup(0, bindGroup, [typeof uniforms === 'number' ? uniforms : this.uniforms.add(uniforms)]);
    this.#pass.dispatchWorkgroups(x, y);
    this.#openDispatches++;
    this.dispatches++;
  }

  /** Adds a copy between buffers; sizes and offsets are multiples of 4 bytes. */
  copy(source: GPUBuffer, target: GPUBuffer, bytes: number, sourceOffset = 0, targetOffset = 0): void {
    this.encoder().copyBufferToBuffer(source, sourceOffset, target, targetOffset, bytes);
  }

  /** The open encoder, outside of any pass, for copies of other kinds. */
  encoder(): GPUCommandEncoder {
    this.#endPass();
    return this.#open();
  }

  /** Submits everything encoded so far. */
  flush(): void {
    const encoder = this.#encoder;
    if (encoder === undefined) {
      this.#afterSubmit();
      return;
    }
    this.#endPass();
    this.#encoder = undefined;
    this.#openDispatches = 0;
    this.uniforms.upload();
    this.#failures.guard(
      'a batch of commands',
      () => {
        this.#profiler?.resolve(encoder);
        this.#device.queue.submit([encoder.finish()]);
      },
      this.#openedIn,
    );
    this.submits++;
    this.#failures.advance();
    this.#afterSubmit();
    this.#profiler?.collect();
  }

  #open(): GPUCommandEncoder {
    if (this.#encoder === undefined) {
      this.#encoder = this.#device.createCommandEncoder();
      this.#openedIn = this.#failures.epoch;
      queueMicrotask(() => {
        if (this.#encoder !== undefined && this.#failures.lost === undefined) this.flush();
      });
    }
    return this.#encoder;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
