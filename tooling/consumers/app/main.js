import { roundTrip } from './round-trip.js';

function inWorker(name) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((done, fail) => {
    worker.onmessage = ({ data }) => (data.error ? fail(new Error(data.error)) : done(data.result));
    worker.onerror = (event) => fail(new Error(event.message ?? 'the worker does not start'));
    worker.postMessage(name);
  });
}

// the address says what to do: ?backend=webgpu&where=worker
const { backend, where } = Object.fromEntries(new URLSearchParams(location.search));
(where === 'worker' ? inWorker : roundTrip)(backend).then(
  (result) => {
    globalThis.outcome = { result };
  },
  (error) => {
    globalThis.outcome = { error: `${error.stack}` };
  },
);
