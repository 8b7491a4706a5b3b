/**
 * The entropy loss of lookup-free quantizers: sure decisions for each vector, variety over all of them.
 *
 *   p(c | z) ∝ exp(−‖z − c‖²/T)        loss = E[H(p(· | z))] − γ·H(E[p(· | z)])
 *
 * With codes ±s the bits are independent given z, P(bit = 1) = σ(4·s·z/T), so the first term is a sum over bits. The
 * second is taken over groups of bits: with one group of D bits it is exact; with smaller groups it is an upper bound,
 * which needs 2^bits numbers per group instead of 2^D.
 *
 * @see Yu et al. 2023, arXiv:2310.05737, eq. 4; Zhao et al. 2024, arXiv:2406.07548, section 3.3
 */
import {
  abs,
  add,
  exp,
  log,
  matmul,
  maximum,
  mul,
  neg,
  ones,
  reshape,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@vqkit/core';
import { countedValues, weightedMean } from '@vqkit/core/codebook';

/** What the loss is made from. */
export interface EntropyOptions {
  /** s: codes are −s and +s per channel. */
  readonly scale: number;
  /** T > 0. */
  readonly temperature: number;
  /** γ ≥ 0. */
  readonly diversity: number;
  /** Bits that are looked at together, at most 12. */
  readonly jointBits: number;
}

/**
 * @param z  f32 `[N, D]`.
 * @param weights  f32 `[N]`; all 1 unless given.
 * @returns Nats per vector, f32 scalar.
 */
export function entropyLoss(z: Tensor, options: EntropyOptions, weights?: Tensor): Tensor {
  const { scale, temperature, diversity, jointBits } = options;
  const [count, bits] = z.shape as [number, number];
  const share = weights ?? ones(z.backend, [count]);
  const logits = countedValues(mul(z, (4 * scale) / temperature), weights);
  const sure = weightedMean(sum(bitEntropy(logits), { axes: 1 }), share);
  let variety: Tensor | undefined;
  for (let start = 0; start < bits; start += jointBits) {
    const width = Math.min(jointBits, bits - start);
    const entropy = jointEntropy(slice(logits, [0, start], { size: [count, width] }), share);
    variety = variety ? add(variety, entropy) : entropy;
  }
  return sub(sure, mul(variety!, diversity));
}

/** H(σ(l)) = softplus(−|l|) + |l|·σ(−|l|), which loses nothing where the decision is sure. */
function bitEntropy(logits: Tensor): Tensor {
  const size = abs(logits);
  return add(softplus(neg(size)), mul(size, sigmoid(neg(size))));
}

/** Entropy of the mean distribution over all patterns of a group's bits. */
function jointEntropy(logits: Tensor, weights: Tensor): Tensor {
  const width = logits.shape[1]!;
  const patterns = 2 ** width;
  const isSet = (value: 0 | 1): Tensor => {
    const table = Float32Array.from({ length: width * patterns }, (_, at) => {
      const [bit, pattern] = [Math.floor(at / patterns), at % patterns];
      return ((pattern >> bit) & 1) === value ? 1 : 0;
    });
    return tensor(logits.backend, table, [width, patterns]);
  };
  // log P(pattern | z), a sum over its bits.
  const logP = add(matmul(neg(softplus(neg(logits))), isSet(1)), matmul(neg(softplus(logits)), isSet(0)));
  const total = maximum(sum(weights), 1e-12);
  const mean = reshape(matmul(reshape(weights, [1, weights.size]), exp(logP)), [patterns]);
  const p = mul(mean, reshape(exp(neg(log(total))), []));
  return neg(sum(mul(p, log(maximum(p, 1e-30)))));
}
