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
    sha256: '0adc65084b9acc1587c13e77e452456fd27ee47fadfcb485db72e47ed26e1f56',
  },
} as const satisfies Record<WeightsFile, FileFacts>;
