/**
 * GPU buffers by exact size: freed ones wait for the next request of their size, up to a cap in bytes beyond which the
 * oldest go. A network asks for the same sizes over and over, so nearly every request is a hit.
 */
import { WebgpuError } from '../errors.ts';
import type { Failures } from './failures.ts';
import { bufferUsage } from './flags.ts';

/** A buffer of the pool. */
export interface PooledBuffer {
  readonly buffer: GPUBuffer;
  /** Unique in a backend; names the buffer in keys of bind groups. */
  readonly id: number;
  readonly bytes: number;
  /** Epoch of the last command that touches it; uploads must not overtake commands of the open batch. */
  lastEpoch: number;
}

const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;

/** Hands out and takes back buffers. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #maxIdleBytes: number;
  readonly #idle = new Map<number, PooledBuffer[]>();
  readonly #doomed: PooledBuffer[] = [];
  #nextId = 1;
  #idleBytes = 0;
  #totalBytes = 0;
  #peakBytes = 0;
  #count = 0;

  constructor(device: GPUDevice, failures: Failures, maxIdleBytes: number) {
    this.#device = device;
    this.#failures = failures;
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Buffers that exist, their bytes, the most bytes there ever were, and the bytes that wait for reuse. */
  get statistics(): { buffers: number; bytes: number; peakBytes: number; idleBytes: number } {
    return {
      buffers: this.#count,
      bytes: this.#totalBytes,
      peakBytes: this.#peakBytes,
      idleBytes: this.#idleBytes,
    };
  }

  /** Sets the peak back to what exists now. */
  resetPeak(): void {
    this.#peakBytes = this.#totalBytes;
  }

  /**
   * A buffer for `bytes` of values.
   *
   * @throws WebgpuError `TENSOR_TOO_LARGE` beyond the device's largest buffer.
   */
  acquire(bytes: number): PooledBuffer {
    // Bindings are whole multiples of 16 bytes, so that any tensor can be read as vec4s; none is empty.
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    const waiting = this.#idle.get(size);
    const reused = waiting?.pop();
    if (reused === undefined) return this.#create(size);
    if (waiting!.length === 0) this.#idle.delete(size);
    this.#idleBytes -= size;
    return reused;
  }

  /** Takes a buffer back. Commands already encoded may still use it: the queue keeps the order. */
  release(buffer: PooledBuffer): void {
    this.#idleBytes += buffer.bytes;
    // Sizes used last come last, so that the first key is the one to evict.
    const waiting = this.#idle.get(buffer.bytes) ?? [];
    this.#idle.delete(buffer.bytes);
    this.#idle.set(buffer.bytes, waiting);
    waiting.push(buffer);
    while (this.#idleBytes > this.#maxIdleBytes) this.#evictOldest();
  }

  /** Gives up all waiting buffers; they are destroyed after the next submit. */
  trim(): void {
    while (this.#idle.size > 0) this.#evictOldest();
  }

  /** Destroys what was given up: to be called right after a submit, when no open command refers to it. */
  destroyDoomed(): void {
    for (const { buffer } of this.#doomed.splice(0)) buffer.destroy();
  }

  #evictOldest(): void {
    const [size, waiting] = this.#idle.entries().next().value as [number, PooledBuffer[]];
    const victim = waiting.shift()!;
    if (waiting.length === 0) this.#idle.delete(size);
    this.#idleBytes -= size;
    this.#totalBytes -= size;
    this.#count--;
    this.#doomed.push(victim);
  }

  #create(size: number): PooledBuffer {
    const { maxBufferSize } = this.#device.limits;
    if (size > maxBufferSize) {
      throw new WebgpuError({
        code: 'TENSOR_TOO_LARGE',
        message: `expected a tensor of at most ${maxBufferSize} bytes, the largest buffer of this device, got ${size}`,
        fix: 'Work in smaller batches or tiles',
      });
    }
    const doing = `a buffer of ${size} bytes (${this.#totalBytes} in use)`;
    const buffer = this.#failures.guard(doing, () => this.#device.createBuffer({ size, usage }));
    this.#count++;
    this.#totalBytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#totalBytes);
    return { buffer, id: this.#nextId++, bytes: size, lastEpoch: -1 };
  }
}
