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
    sha256: '1194b3f2a3738a1d769629405297b86f2752d8dc5525fd7a946d439c619d8daf',
  },
} as const satisfies Record<WeightsFile, FileFacts>;
