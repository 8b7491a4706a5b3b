/** What every quantizer checks at its door. */
import { ShapeError } from '../errors.ts';
import { checkDTypes } from '../ops/broadcast-shapes.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Refuses what a quantizer cannot take.
 *
 * @param z  What should be f32 `[N, H, W, D]`.
 * @throws ShapeError `RANK_MISMATCH`, `SHAPE_MISMATCH`; ValueError `DTYPE_MISMATCH`
 */
export function checkFeatures(name: string, z: Tensor, dimension: number): void {
  checkDTypes(name, [z], ['f32']);
  if (z.rank === 4 && z.shape[3] === dimension) return;
  throw new ShapeError({
    code: z.rank === 4 ? 'SHAPE_MISMATCH' : 'RANK_MISMATCH',
    message: `${name}: expected features [N, H, W, ${dimension}], got [${z.shape}]`,
    fix: 'Project the last axis to the dimension of the quantizer; reshape lists of vectors to [1, 1, N, D]',
  });
}

/**
 * Refuses what a quantizer cannot decode.
 *
 * @param indices  What should be u32 or i32 `[N, H, W, S]`.
 * @throws ShapeError `RANK_MISMATCH`, `SHAPE_MISMATCH`; ValueError `DTYPE_MISMATCH`
 */
export function checkIndices(name: string, indices: Tensor, slots: number): void {
  checkDTypes(name, [indices], ['u32', 'i32']);
  if (indices.rank === 4 && indices.shape[3] === slots) return;
  throw new ShapeError({
    code: indices.rank === 4 ? 'SHAPE_MISMATCH' : 'RANK_MISMATCH',
    message: `${name}: expected indices [N, H, W, ${slots}], got [${indices.shape}]`,
    fix: 'Pass indices as encode returns them: one slot per codebook on the last axis',
  });
}
