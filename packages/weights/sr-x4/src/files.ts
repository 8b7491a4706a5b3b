/**
 * The files of this package. Each address is written out as `new URL('…', import.meta.url)`, which is what bundlers look
 * for; sizes and digests tell a whole file from half of one, from another version and from a page that says "not found".
 */
import type { FileFacts, WeightsFile } from '../../shared/src/sr.ts';

/** Networks and texture codes. */
export const files = {
  'weights.safetensors': {
    url: new URL('../files/weights.safetensors', import.meta.url),
    bytes: 6545078,
    sha256: 'bacdefd60889a13f832b4e030b6369ea44be1ec153ccfd12cf21ee93cd95c434',
  },
} as const satisfies Record<WeightsFile, FileFacts>;
