/**
 * Parameters of dispatches: one uniform buffer, written from the start for each batch and uploaded once before its
 * submit. The queue's order makes reuse safe without fences.
 */
import { bufferUsage } from './flags.ts';

const capacityBytes = 128 * 1024;

/** The largest block that one dispatch may have. */
const maxUniformBytes = 4096;

/** Collects parameter blocks of a batch. */
export class UniformRing {
  readonly buffer: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #alignment: number;
  readonly #staging = new Uint32Array(capacityBytes / 4);
  #usedBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#alignment = device.limits.minUniformBufferOffsetAlignment;
    this.buffer = device.createBuffer({
      label: 'vqkit uniforms',
      size: capacityBytes,
      usage: bufferUsage.uniform | bufferUsage.copyDestination,
    });
  }

  /** Whether another block fits; if not, submit first. */
  get hasRoom(): boolean {
    return this.#usedBytes + maxUniformBytes <= capacityBytes;
  }

  /** Adds a block and returns its offset in bytes. */
  add(words: Uint32Array): number {
    const offset = this.#usedBytes;
    this.#staging.set(words, offset / 4);
    this.#usedBytes = offset + Math.ceil((words.length * 4) / this.#alignment) * this.#alignment;
    return offset;
  }

  /** Sends the blocks to the GPU; to be called right before a submit. */
  upload(): void {
    if (this.#usedBytes === 0) return;
    this.#device.queue.writeBuffer(this.buffer, 0, this.#staging, 0, this.#usedBytes / 4);
    this.#usedBytes = 0;
  }

  /** Frees the buffer. */
  destroy(): void {
    this.buffer.destroy();
  }
}
