/** Checks that differentiable metrics share. */
import type { Tensor } from '@vqkit/core';
import { InputError } from '../errors.ts';

/** @internal Checks two image batches of one shape. @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_TOO_SMALL` */
export function checkBatches(
  metric: string,
  a: Tensor,
  b: Tensor,
  { minimumSize, channels }: { readonly minimumSize: number; readonly channels?: number },
): void {
  if (a.shape.join() !== b.shape.join()) {
    throw new InputError({
      code: 'SIZE_MISMATCH',
      message: `${metric}: expected two batches of one shape, got [${a.shape}] and [${b.shape}]`,
      fix: 'Resize or crop one of them first',
    });
  }
  if (a.rank !== 4 || (channels !== undefined && a.shape[3] !== channels)) {
    throw new InputError({
      code: 'CHANNELS_MISMATCH',
      message: `${metric}: expected images [N, H, W, ${channels ?? 'C'}], got [${a.shape}]`,
      fix: 'Put images into a batch, and repeat the channel of gray images three times where RGB is wanted',
    });
  }
  if (Math.min(a.shape[1]!, a.shape[2]!) < minimumSize) {
    throw new InputError({
      code: 'IMAGE_TOO_SMALL',
      message: `${metric}: expected images of at least ${minimumSize}×${minimumSize}, got ${a.shape[1]}×${a.shape[2]}`,
      fix: 'Use larger crops',
    });
  }
}
