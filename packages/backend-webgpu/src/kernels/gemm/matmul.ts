/** `matmul`: chooses among the matrix-product kernels. */
import { type RequiredKernels, sizeOf } from '@vqkit/core';
import { type Call, emptyPlan, input, type Kernel, type KernelContext, output, type Plan, planOf } from '../../plan.ts';
import { type Epilogue, type EpilogueAttributes, epilogueOf, plainEpilogue } from './epilogue.ts';
import { type ProductBuffers, type ProductSizes, registerProduct } from './register-matmul.ts';
import { tiledProduct } from './tiled-matmul.ts';
import { chooseVariant } from './variants.ts';

/** Plans a product of two buffers. */
export function productPlan(
  sizes: ProductSizes,
  buffers: ProductBuffers,
  epilogue: Epilogue,
  context: KernelContext,
): Plan {
  const { rows, depth, columns, transposeA, transposeB } = sizes;
  const isAligned = (transposeA ? rows : depth) % 4 === 0 && (transposeB ? depth : columns) % 4 === 0;
  const kind = `matmul${transposeA ? ' aT' : ''}${transposeB ? ' bT' : ''}`;
  const variant = chooseVariant(kind, sizes, context, isAligned);
  return planOf(
    variant.kind === 'tile'
      ? tiledProduct(sizes, buffers, epilogue, variant.tile)
      : registerProduct(sizes, buffers, epilogue, variant.tile),
  );
}

type MatmulAttributes = RequiredKernels['matmul'];

function matmulPlan(
  { inputs, attributes, outputs }: Call<MatmulAttributes>,
  epilogue: Epilogue,
  context: KernelContext,
): Plan {
  const { transposeA, transposeB } = attributes;
  const [a, b] = inputs.map(({ shape }) => shape as [number, number, number]);
  const [batch, rows, columns] = outputs[0]!.shape as [number, number, number];
  if (sizeOf(outputs[0]!.shape) === 0) return emptyPlan;
  const sizes: ProductSizes = {
    batch,
    rows,
    depth: transposeA ? a![1] : a![2],
    columns,
    transposeA,
    transposeB,
    isSharedA: a![0] === 1,
    isSharedB: b![0] === 1,
  };
  return productPlan(sizes, { a: input(0), b: input(1) }, epilogue, context);
}

/** a `[Ba,M,K]`, b `[Bb,K,N]` (either transposed) → `[B,M,N]`. */
export const matmul: Kernel<MatmulAttributes> = (call, context) => matmulPlan(call, plainEpilogue(output()), context);

/** a, b, perhaps a bias `[N]`, perhaps a residual → activation(a·b + bias) + residual. */
export const matmulEpilogue: Kernel<MatmulAttributes & EpilogueAttributes> = (call, context) =>
  matmulPlan(call, epilogueOf(call.attributes), context);
