/** What every library brings to the comparison. */
import type { BenchResult, BenchWork } from './items.ts';

/** A row of work, ready to run. */
export interface Prepared {
  /** Runs once and reads the whole result back to the host. */
  readonly run: () => Promise<BenchResult>;
  /** Bytes of the values that go in and come out, and the most that were held on the GPU during a run, where known. */
  readonly memory?: () => { readonly valueBytes: number; readonly peakBytes: number };
  /** Brings the result of `run` into NHWC order for the check; not part of the time. */
  readonly arrange?: (result: BenchResult) => BenchResult;
  readonly dispose?: () => void;
}

/** A library on the adapter. */
export interface Contestant {
  readonly name: 'vqkit' | 'tfjs' | 'jax-js' | 'onnxruntime';
  /** Undefined for work that the library cannot do. */
  prepare(work: BenchWork): Promise<Prepared | undefined>;
}
