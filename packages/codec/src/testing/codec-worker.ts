/** A worker of the tests, as an application would write it; `workerData` says what is to go wrong. */
import { parentPort, workerData } from 'node:worker_threads';
import { cpu } from '@vqkit/core';
import { createCodec } from '../codec.ts';
import { serveCodec } from '../worker/index.ts';
import { tinyWeights } from './tiny-weights.ts';

/** As packages have them that the page does not know. */
class WeightsError extends Error {
  override readonly name = 'WeightsError';
  readonly code = 'WEIGHTS_UNREACHABLE';
}

// Whatever is sent until now is lost.
if (workerData === 'late') await new Promise((done) => setTimeout(done, 100));

serveCodec(async () => {
  if (workerData === 'offline') throw new WeightsError('no weights', { cause: new RangeError('404') });
  return createCodec(await tinyWeights(), { backend: cpu() });
});

if (workerData === 'dying') parentPort?.on('message', ({ method }) => method === 'encode' && process.exit(3));
