/** The backend on a tfjs that the caller already has. */
import { TfjsBackend } from './backend.ts';
import { openRuntime } from './runtime/runtime.ts';
import type { TfNamespace } from './runtime/tf-types.ts';

/** Options of `tfjs`. */
export interface TfjsOptions {
  /**
   * tfjs's name of the runtime to use: `cpu`, `wasm`, `webgl`, `webgpu`, or `tensorflow` for the native ones. Default:
   * tfjs's current backend.
   */
  readonly runtime?: string;
}

/** Names for people: what `Backend.name` says. */
function nameOf(runtime: string, backend: unknown): string {
  if (runtime !== 'tensorflow') return `tfjs-${runtime}`;
  return (backend as { isGPUPackage?: boolean }).isGPUPackage ? 'tfjs-node-gpu' : 'tfjs-node';
}

/**
 * Makes a backend of the caller's tfjs. tfjs's current backend stays what it is, and several backends of this kind may
 * live side by side, on one runtime or on several: each addresses its runtime directly and keeps its own account.
 *
 * @param tf  The namespace of `@tensorflow/tfjs`, `tfjs-core`, `tfjs-node` or `tfjs-node-gpu`, with the runtime's
 *   package imported.
 * @throws TfjsError `RUNTIME_UNKNOWN` when no such backend is registered, `RUNTIME_FAILED` when it does not start.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs-core';
 * import '@tensorflow/tfjs-backend-wasm';
 * const backend = await tfjs(tf, { runtime: 'wasm' });
 * await square(tensor(backend, [1, 2, 3])).data(); // Float32Array [1, 4, 9]
 */
export async function tfjs(tf: TfNamespace, options: TfjsOptions = {}): Promise<TfjsBackend> {
  if (options.runtime === undefined) await tf.ready();
  const runtime = await openRuntime(tf, options.runtime ?? tf.getBackend());
  return new TfjsBackend(runtime, nameOf(runtime.name, runtime.backend));
}
