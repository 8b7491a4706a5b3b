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

/** How long a device that goes may take to say so, milliseconds. */
const lossPatience = 2000;

const scopes = ['internal', 'out-of-memory', 'validation'] as const satisfies readonly GPUErrorFilter[];

/** Collects what error scopes and the device's loss report. */
export class Failures {
  /** Set once the device is lost. */
  lost: WebgpuError | undefined;
  #epoch = 0;
  readonly #ranges: FailedRange[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #device: GPUDevice;
  readonly #toldOfLoss: Promise<void>;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#toldOfLoss = device.lost.then((info) => {
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

  /**
   * The loss of the device, for whoever failed without a reason: what is pending on a device that goes fails first, and the loss is told
   * a moment later.
   */
  async loss(): Promise<WebgpuError | undefined> {
    if (this.lost) return this.lost;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<void>((done) => {
      timer = setTimeout(done, lossPatience);
    });
    await Promise.race([this.#toldOfLoss, isLate]);
    clearTimeout(timer);
    return this.lost;
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
