/**
 * The files of this package. Each address is written out as `new URL('…', import.meta.url)`, which is what bundlers look
 * for; sizes and digests tell a whole file from half of one, from another version and from a page that says "not found".
 */
import type { FileFacts, WeightsFile } from '../../shared/src/one-file.ts';

/** The network, and the codes of the weights whose indices it completes. */
export const files = {
  'weights.safetensors': {
    url: new URL('../files/weights.safetensors', import.meta.url),
    bytes: 5780816,
    sha256: '83422245c1a0724915c6c34513d7b5663fa2b24aa95a20f5dc7bef470fa9dd51',
  },
} as const satisfies Record<WeightsFile, FileFacts>;
