/** For tests: the peers' tfjs, with the runtimes of Node registered. */
import type { TfNamespace } from '../../src/index.ts';
import { hasPeer, importPeer } from './peers.ts';

/** Whether the tests of real runtimes can run. */
export const hasTfjs = hasPeer('@tensorflow/tfjs-core');

/** Appended to the names of tests that need tfjs. */
export const needsTfjs = '(skipped without tfjs: node scripts/install-peers.mjs)';

/** tfjs's namespace with `cpu` and `wasm` registered. */
export async function importTfjs(): Promise<TfNamespace> {
  const tf = (await importPeer('@tensorflow/tfjs-core')) as TfNamespace;
  await importPeer('@tensorflow/tfjs-backend-cpu');
  await importPeer('@tensorflow/tfjs-backend-wasm');
  return tf;
}

/** How many values a runtime stores, counted or not. */
export function storedValues(tf: TfNamespace, runtime: string): number {
  return (tf.findBackend(runtime) as { numDataIds(): number }).numDataIds();
}
