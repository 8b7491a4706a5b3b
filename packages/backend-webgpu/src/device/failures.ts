/**
 * WebGPU reports errors late: an error scope answers long after the call. Here such reports are collected and tied to
 * epochs, so that every value computed since (and from it) fails when it is read, and values of earlier epochs stay good.
 */
import { deviceLost, fromGpuError, type WebgpuError } from '../errors.ts';

interface FailedRange {
  readonly from: number;
  readonly to: number;
  readonly error: WebgpuError;
}

/** The longest memory of failures; older values were freed or have inherited theirs. */
const maxRanges = 64;

const scopes = ['internal', 'out-of-memory', 'validation'] as const satisfies readonly GPUErrorFilter[];

/** Collects what error scopes and the device's loss report. */
export class Failures {
  /** Set once the device is lost. */
  lost: WebgpuError | undefined;
  #epoch = 0;
  readonly #ranges: FailedRange[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #device: GPUDevice;

  constructor(device: GPUDevice) {
    this.#device = device;
    void device.lost.then((info) => {
      this.lost ??= deviceLost(info);
    });
  }

  /** The number that values written now carry. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Begins a new epoch: called at every submit. */
  advance(): void {
    this.#epoch++;
  }

  /** What went wrong in an epoch. */
  of(epoch: number): WebgpuError | undefined {
    return this.#ranges.find(({ from, to }) => from <= epoch && epoch <= to)?.error;
  }

  /**
   * Runs `work` inside error scopes; what they catch later fails all values from epoch `from` on.
   *
   * @param onError  Also told of what was caught.
   */
  guard<T>(doing: string, work: () => T, from: number = this.#epoch, onError?: (error: WebgpuError) => void): T {
    for (const filter of scopes) this.#device.pushErrorScope(filter);
    try {
      return work();
    } finally {
      for (const _ of scopes) this.#watch(this.#device.popErrorScope(), doing, from, onError);
    }
  }

  /** Resolves when all reports about past work are in. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #watch(
    report: Promise<GPUError | null>,
    doing: string,
    from: number,
    onError: ((error: WebgpuError) => void) | undefined,
  ): void {
    const watched = report.then(
      (caught) => {
        if (!caught) return;
        const error = fromGpuError(caught, doing);
        this.#record(error, from);
        onError?.(error);
      },
      // A scope that cannot be popped belongs to a lost device, which fails everything by itself.
      () => undefined,
    );
    this.#pending.add(watched);
    void watched.finally(() => this.#pending.delete(watched));
  }

  #record(error: WebgpuError, from: number): void {
    this.#ranges.push({ from, to: this.#epoch, error });
    if (this.#ranges.length > maxRanges) this.#ranges.shift();
    this.#epoch++;
  }
}
