/**
 * The files of `@vqkit/weights-photo/int8`: networks whose filters are integers of 8 bits. That file is made of the f16 one when the package is built
 * (`tooling/int8-weights.ts`), and is these very bytes. The one of f16 is not named here, so that bundlers leave it out.
 */
import type { FileFacts } from '../../shared/src/open-source.ts';
import { priors } from './priors.ts';

/** Networks and codebooks, and one prior of the entropy coder per codebook. */
export const files = {
  'weights-int8.safetensors': {
    url: new URL('../files/weights-int8.safetensors', import.meta.url),
    bytes: 8645918,
    sha256: 'aee81473f7f8af38c127411ab2991efb3448aa7dbd53a8ec8e1c15dcafc60843',
  },
  ...priors,
} as const satisfies Record<string, FileFacts>;

/** Name of a file. */
export type WeightsFile = keyof typeof files;
