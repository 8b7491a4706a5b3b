/** The decoder half of the photo tokenizer with its published weights, on the host. */

import type { HostTree, Tensor } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';

/** The network, and its parameters as host values for `uploadTree`. */
export interface Decoder {
  readonly params: HostTree;
  readonly decode: (params: never, z: Tensor) => Tensor;
}

/** Reads the published weights. */
export async function loadDecoder(): Promise<Decoder> {
  const { network, decoder } = await loadModel(photo);
  return { params: decoder, decode: (params, z) => network.decode(params, z) };
}
