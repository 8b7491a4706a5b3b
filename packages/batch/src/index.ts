/** `@vqkit/batch`: many images at once: lists of inputs, a pool of processes, shards of results. */
export type { CountedWarning } from './count-warnings.ts';
export { BatchError } from './errors.ts';
export { type BatchItem, sampleKey, sourceOf } from './inputs/item.ts';
export { listInputs } from './inputs/list-inputs.ts';
export type { BatchJob, BatchWork, JobRecord } from './job.ts';
export { createPool, defaultWorkers, type PoolOptions, threadsFor, type WorkPool } from './pool/pool.ts';
export type { Failure, WorkResult, WorkTask } from './pool/work.ts';
export {
  type BatchOptions,
  type BatchProgress,
  type BatchReport,
  batchManifest,
  type Executor,
  failuresFile,
  runBatch,
} from './run-batch.ts';
export { runJob } from './run-job.ts';
export { type ResultForm, resultForms, type Shard } from './shards/shard-writer.ts';
