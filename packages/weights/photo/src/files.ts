/**
 * The files of this package, in f16; those of `/int8` are in `int8-files.ts`. Each address is written out as `new URL('…', import.meta.url)`, which is what bundlers look
 * for; sizes and digests tell a whole file from half of one, from another version and from a page that says "not found".
 */
import type { FileFacts } from '../../shared/src/open-source.ts';
import { priors } from './priors.ts';

/** Networks and codebooks, and one prior of the entropy coder per codebook. */
export const files = {
  'weights.safetensors': {
    url: new URL('../files/weights.safetensors', import.meta.url),
    bytes: 16950422,
    sha256: 'd63255af91911db62491a21f8cc3eaf6f7e587a3cf5e8fdbbc8993c212bffbce',
  },
  ...priors,
} as const satisfies Record<string, FileFacts>;

/** Name of a file. */
export type WeightsFile = keyof typeof files;
