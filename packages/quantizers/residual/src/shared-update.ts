/** One update from the statistics of all stages, for stages that share their parameters. */
import { add, concat, isTensor, type Quantizer, type Tensor } from '@vqkit/core';
import type { CodebookStatistics } from '@vqkit/core/codebook';

/**
 * Codebooks see the vectors of all stages as one batch. Other quantizers are updated once per stage, in order.
 *
 * @returns New parameters of the shared stage.
 */
export function updateShared<P, S>(
  stage: Quantizer<P, S>,
  params: P,
  statistics: readonly S[],
  keys: readonly (Tensor | undefined)[],
): P {
  const whole = merged(statistics);
  if (whole !== undefined) return stage.update(params, whole as S, { key: keys[0] });
  return statistics.reduce((current, own, i) => stage.update(current, own, { key: keys[i] }), params);
}

function isOfCodebook(statistics: unknown): statistics is CodebookStatistics {
  const { counts, sums, vectors } = (statistics ?? {}) as Partial<Record<keyof CodebookStatistics, unknown>>;
  return isTensor(counts) && isTensor(sums) && isTensor(vectors);
}

/** Statistics of all stages as those of one batch, of codebooks and of lists of them; undefined for others. */
function merged(all: readonly unknown[]): unknown {
  const [first] = all;
  if (Array.isArray(first)) {
    const parts = first.map((_, i) => merged(all.map((own) => (own as readonly unknown[])[i])));
    return parts.includes(undefined) ? undefined : parts;
  }
  return isOfCodebook(first) ? mergedCodebook(all as readonly CodebookStatistics[]) : undefined;
}

function mergedCodebook(all: readonly CodebookStatistics[]): CodebookStatistics {
  const total = (key: 'counts' | 'sums'): Tensor => all.map((own) => own[key]).reduce((a, b) => add(a, b));
  const weights = all.flatMap((own) => (own.weights ? [own.weights] : []));
  return {
    counts: total('counts'),
    sums: total('sums'),
    vectors: concat(all.map(({ vectors }) => vectors)),
    ...(weights.length > 0 && { weights: concat(weights) }),
  };
}
