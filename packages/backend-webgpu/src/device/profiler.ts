/**
 * Time per kernel from timestamp queries: each dispatch gets a pass of its own, so profiling costs some speed. Only on
 * devices with `timestamp-query`.
 */
import { bufferUsage, mapModeRead } from './flags.ts';

/** What one kind of kernel took. */
export interface KernelTime {
  readonly label: string;
  readonly count: number;
  readonly milliseconds: number;
}

const capacity = 256;

/** Measures passes. */
export class Profiler {
  readonly #device: GPUDevice;
  readonly #querySet: GPUQuerySet;
  readonly #totals = new Map<string, { count: number; nanoseconds: number }>();
  readonly #reading = new Set<Promise<void>>();
  #labels: string[] = [];
  #open: { readonly buffer: GPUBuffer; readonly resolved: GPUBuffer; readonly labels: string[] } | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#querySet = device.createQuerySet({ type: 'timestamp', count: capacity * 2 });
  }

  /** The descriptor of a pass that holds one dispatch. */
  descriptorFor(label: string): GPUComputePassDescriptor {
    const at = this.#labels.length;
    if (at >= capacity) return { label };
    this.#labels.push(label);
    const timestampWrites = {
      querySet: this.#querySet,
      beginningOfPassWriteIndex: 2 * at,
      endOfPassWriteIndex: 2 * at + 1,
    };
    return { label, timestampWrites };
  }

  /** Encodes the copy of this batch's timestamps; right before the encoder is finished. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = this.#labels.length;
    if (count === 0) return;
    const bytes = count * 16;
    const resolved = this.#device.createBuffer({
      size: bytes,
      usage: bufferUsage.queryResolve | bufferUsage.copySource,
    });
    const buffer = this.#device.createBuffer({ size: bytes, usage: bufferUsage.mapRead | bufferUsage.copyDestination });
    encoder.resolveQuerySet(this.#querySet, 0, count * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, buffer, 0, bytes);
    this.#open = { buffer, resolved, labels: this.#labels };
    this.#labels = [];
  }

  /** Starts reading the timestamps of the batch just submitted. */
  collect(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.resolved.destroy();
    const reading = open.buffer.mapAsync(mapModeRead).then(
      () => {
        const times = new BigInt64Array(open.buffer.getMappedRange().slice(0));
        open.buffer.destroy();
        open.labels.forEach((label, i) => this.#add(label, Number(times[2 * i + 1]! - times[2 * i]!)));
      },
      // The device went away; there is nothing to tell.
      () => undefined,
    );
    this.#reading.add(reading);
    void reading.finally(() => this.#reading.delete(reading));
  }

  /** Times since the last report, longest first; the record starts afresh. */
  async report(): Promise<KernelTime[]> {
    await Promise.all(this.#reading);
    const times = [...this.#totals].map(([label, { count, nanoseconds }]) => ({
      label,
      count,
      milliseconds: nanoseconds / 1e6,
    }));
    this.#totals.clear();
    return times.sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #add(label: string, nanoseconds: number): void {
    const total = this.#totals.get(label) ?? { count: 0, nanoseconds: 0 };
    total.count++;
    total.nanoseconds += Math.max(0, nanoseconds);
    this.#totals.set(label, total);
  }
}
