/** `@vqkit/batch/queue`: batches across machines, with BullMQ on Redis. */
export { openQueue, type QueueOptions } from './queue-executor.ts';
export { type QueueWorker, startWorker, type WorkerEvent, type WorkerOptions } from './worker.ts';
