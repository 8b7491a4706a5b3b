import { connectCodec } from '@vqkit/codec/worker';
import { openCodec, roundTrip } from './round-trip.js';

function openInWorker(name) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.postMessage(name);
  return connectCodec(worker);
}

// the address says what to do: ?backend=webgpu&where=worker
const { backend, where } = Object.fromEntries(new URLSearchParams(location.search));
(where === 'worker' ? openInWorker : openCodec)(backend)
  .then(roundTrip)
  .then(
    (result) => {
      globalThis.outcome = { result };
    },
    (error) => {
      globalThis.outcome = { error: `${error.stack}` };
    },
  );
