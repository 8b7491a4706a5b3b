/** The codec that tests of its behaviour share: tiny weights on the reference backend. */
import { cpu } from '@vqkit/core';
import { createCodec } from '../codec.ts';
import { tinyWeights } from './tiny-weights.ts';

/** Opens it. */
export async function tinyCodec() {
  const [weights, backend] = [await tinyWeights(), cpu()];
  return { weights, backend, codec: await createCodec(weights, { backend }) };
}
