/** tfjs from `bench/peers`, with the runtimes that Node has. */
import type { TfNamespace } from '@vqkit/backend-tfjs';
import { importPeer } from '../harness/peers.ts';

/** The namespace with `cpu` and `wasm` registered. Throws `PeerMissingError`. */
export async function importTfjs(): Promise<TfNamespace> {
  const tf = await importPeer<TfNamespace>('@tensorflow/tfjs-core');
  await importPeer('@tensorflow/tfjs-backend-cpu');
  await importPeer('@tensorflow/tfjs-backend-wasm');
  return tf;
}
