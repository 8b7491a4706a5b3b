/** What a published number needs beside it: the machine that it was measured on. */
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** The machine of a measurement. */
export interface Machine {
  /** Processor model, as the system names it. */
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Memory in GiB. */
  readonly memoryGiB: number;
  /** System, its release and its architecture. */
  readonly system: string;
  /** Node version. */
  readonly node: string;
}

/** Describes the machine that runs this process. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
  };
}
