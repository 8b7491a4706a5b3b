/** A worker of the queue whose URL is given, with the work of tests. */
import { startWorker } from '../queue/index.ts';
import { testPool } from './batch-of.ts';

await startWorker(process.argv[2]!, {
  pool: testPool({ workers: 2 }),
  lostAfterMs: 2000,
  onJob: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
