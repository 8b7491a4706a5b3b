/** Starting the codebooks of all stages from data: k-means of what each stage gets to see. */
import { clone, concat, disposeTree, div, mul, reshape, sub, type Tensor, tensor, tidy } from '@vqkit/core';
import { type CodebookParams, type KmeansOptions, sampleVectors, startCodebook } from '@vqkit/core/codebook';
import type { CodebookResidual } from './encode-beam.ts';
import { scalesOf } from './residual.ts';
import type { ResidualParams } from './types.ts';

/**
 * Parameters whose codes are the k-means of sample vectors, and of what earlier stages leave of them. A shared codebook is the
 * k-means of the vectors and all rests together.
 *
 * @param vectors  f32 `[…, D]`: features of a few batches, some ten to a hundred vectors per code.
 * @throws ValueError `NOT_FINITE`; ShapeError `SHAPE_MISMATCH` when the last axis is not D.
 *
 * @example
 * const params = await startStages(quantizer, encoder(batch), { seed: 1 });
 */
export async function startStages(
  quantizer: CodebookResidual,
  vectors: Tensor,
  options: Omit<KmeansOptions, 'start'> = {},
): Promise<ResidualParams<CodebookParams>> {
  const { depth, dimension, isShared, scale, stage } = quantizer;
  const factors = scalesOf(scale, depth, dimension);
  const flat = sampleVectors('startStages', vectors, dimension);
  let rest = tidy(() => reshape(flat, [1, 1, flat.shape[0]!, dimension]));
  flat.dispose();
  const stages: CodebookParams[] = [];
  const seen: Tensor[] = [];
  for (const [i, factor] of factors.entries()) {
    const own = tidy(() => (factor ? div(rest, tensor(rest.backend, factor)) : clone(rest)));
    if (!isShared || i === 0)
      stages.push(await startCodebook(stage, own, { ...options, seed: (options.seed ?? 0) + i }));
    const params = stages.at(-1)!;
    const next = tidy(() => {
      const q = stage.decode(params, stage.encode(params, own));
      return sub(rest, factor ? mul(q, tensor(q.backend, factor)) : q);
    });
    rest.dispose();
    rest = next;
    seen.push(own);
  }
  if (isShared) {
    const all = tidy(() => concat(seen, 2));
    const weights = options.weights && tidy(() => concat(seen.map(() => options.weights!)));
    disposeTree(stages);
    stages.splice(0, 1, await startCodebook(stage, all, { ...options, weights }));
    disposeTree([all, weights]);
  }
  disposeTree([rest, seen]);
  return { stages };
}
