/** a·b + bias and an activation on tfjs's `_FusedMatMul`; compiled graphs call it, see `graph/fuse-linear.ts`. */
import type { LinearAttributes } from '../graph/fuse-linear.ts';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import { activateAfterFused, fusedActivation } from './activate.ts';
import { biasOf } from './conv2d-fused.ts';

/** a `[1,M,K]`, b `[1,K,N]` (or transposed), bias `[N]` → `[1,M,N]`. */
export const linear: TfKernel<LinearAttributes> = (frame, [a, b, bias], { transposeA, transposeB, activation }) => {
  const product = frame.call(
    '_FusedMatMul',
    { a: a!.info, b: b!.info, bias: biasOf(frame, bias!.info) },
    { transposeA, transposeB, ...fusedActivation(activation) },
  );
  return [activateAfterFused(frame, product, activation)];
};
