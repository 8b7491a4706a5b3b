/** onnxruntime-node that aborts while it does a certain run, for tests of what an abort ends. */
import { createRequire } from 'node:module';
import type { Engine, EngineSession } from '../packages/backend-onnx/src/runtime/engine.ts';

const place = new URL('../packages/backend-onnx/package.json', import.meta.url);
const ort = createRequire(place)('onnxruntime-node') as Engine;

/**
 * Wraps the engine.
 *
 * @param at  The run at which `signal` is aborted, counted from when `counts.runs` was set to 0. `counts.late` are those after it.
 */
export function abortingEngine(at: number) {
  const controller = new AbortController();
  const counts = { runs: -100, late: 0 };
  const engine: Engine = {
    Tensor: ort.Tensor,
    InferenceSession: {
      async create(bytes, options) {
        const session = (await ort.InferenceSession.create(bytes, options)) as EngineSession;
        const run: EngineSession['run'] = async (feeds, fetches) => {
          if (controller.signal.aborted) counts.late++;
          // As Ctrl-C does: the event loop has to turn before anybody hears of it.
          if (++counts.runs === at) setImmediate(() => controller.abort(new Error('enough')));
          return session.run(feeds, fetches);
        };
        return { run, release: () => session.release() };
      },
    },
  };
  return { engine, counts, signal: controller.signal };
}
