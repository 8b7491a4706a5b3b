/**
 * Muon: momentum whose matrices are made orthogonal before each step, so that every direction of a filter moves equally
 * far. A pure function over trees, as Adam is; matrices of one shape are orthogonalised together.
 *
 * @see Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks" (kellerjordan.github.io/posts/muon)
 *   Changed: steps are scaled as in Liu et al. 2025, arXiv:2502.16982, so that rates of Adam fit.
 */
import { ValueError } from '../errors.ts';
import { add, div, mul, type Operand, sub } from '../ops/binary.ts';
import { zerosLike } from '../ops/create.ts';
import { split, stack } from '../ops/layout.ts';
import { matmul } from '../ops/matmul.ts';
import { sum } from '../ops/reduce.ts';
import { reshape } from '../ops/reshape.ts';
import { sqrt, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { mapTree, tensorsOf, unflatten, zipTrees } from '../tree/tree.ts';
import type { Optimizer } from './optimizer.ts';

/** What Muon remembers. */
export interface MuonState<P> {
  /** Momentum, like the parameters. */
  readonly momentum: P;
}

/** Constants of Muon. */
export interface MuonOptions {
  /** Share of the momentum that stays. Default 0.95. */
  readonly momentum?: number;
  /** Newton–Schulz iterations. Default 5. */
  readonly iterations?: number;
  /** Root mean square of a step relative to the rate: 0.2 is about what Adam's steps have. Default 0.2. */
  readonly scale?: number;
  /** Decoupled weight decay. Default 0. */
  readonly weightDecay?: number;
}

// The quintic whose slope at 0 is as steep as possible while values up to 1 stay within [0.7, 1.2] (Jordan et al. 2024).
const [a, b, c] = [3.4445, -4.775, 2.0315];

/**
 * Nearly orthogonal matrices with the singular vectors of `x`: singular values come to lie between 0.7 and 1.2.
 *
 * @param x  f32 `[B, M, N]`.
 * @param iterations  Default 5.
 * @returns f32 `[B, M, N]`; zero matrices stay zero.
 */
export function orthogonalize(x: Tensor, iterations = 5): Tensor {
  return tidy(() => {
    const [, m, n] = x.shape as [number, number, number];
    // Products of the smaller side: of columns with columns where there are fewer of them.
    const isTall = m > n;
    let y = div(x, add(sqrt(sum(square(x), { axes: [1, 2], keepDims: true })), 1e-7));
    for (let i = 0; i < iterations; i++) {
      const gram = matmul(y, y, { transposeA: isTall, transposeB: !isTall });
      const polynomial = add(mul(gram, b), mul(matmul(gram, gram), c));
      y = add(mul(y, a), isTall ? matmul(y, polynomial) : matmul(polynomial, y));
    }
    return y;
  });
}

/** Rows and columns of a parameter as a matrix: the last axis, the outputs, against all others. */
function matrixOf({ shape }: Tensor): [rows: number, columns: number] {
  if (shape.length < 2) {
    throw new ValueError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `muon: expected matrices or filters, got shape [${shape}]`,
      fix: 'Give vectors to another optimizer, e.g. partition((x) => x.rank > 1, muon(), adam())',
    });
  }
  return [shape.slice(0, -1).reduce((size, length) => size * length, 1), shape.at(-1)!];
}

/** Orthogonal directions for a list of tensors, those of one matrix shape in one go. */
function orthogonalSteps(leaves: readonly Tensor[], iterations: number): Tensor[] {
  const groups = new Map<string, number[]>();
  leaves.forEach((x, i) => {
    const key = matrixOf(x).join();
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  const steps: Tensor[] = [];
  for (const members of groups.values()) {
    const matrices = stack(members.map((i) => reshape(leaves[i]!, matrixOf(leaves[i]!))));
    const parts = split(
      orthogonalize(matrices, iterations),
      members.map(() => 1),
      0,
    );
    members.forEach((i, k) => {
      steps[i] = reshape(parts[k]!, leaves[i]!.shape);
    });
  }
  return steps;
}

/**
 * Muon with Nesterov momentum, for trees of matrices `[…, M, N]` and filters `[kh, kw, cin, cout]`, which count as
 * matrices `[kh·kw·cin, cout]`. The rest of a network goes to Adam, by `partition`.
 *
 * @throws (both methods) ValueError `VALUE_OUT_OF_RANGE` for vectors and scalars.
 */
export function muon<P>(options: MuonOptions = {}): Optimizer<P, MuonState<P>> {
  const { momentum = 0.95, iterations = 5, scale = 0.2, weightDecay = 0 } = options;
  return {
    init: (params) => {
      tensorsOf(params).forEach(matrixOf);
      return { momentum: mapTree(params, zerosLike) };
    },
    update: (params, gradients, state, rate) =>
      tidy(() => {
        const times = (factor: number): Operand => (isTensor(rate) ? mul(rate, factor) : rate * factor);
        const next = zipTrees([state.momentum, gradients], (m, g) => add(mul(m, momentum), mul(g, 1 - momentum)));
        const ahead = zipTrees([next, gradients], (m, g) => add(mul(m, momentum), mul(g, 1 - momentum)));
        const steps = unflatten(params, orthogonalSteps(tensorsOf(ahead), iterations));
        const updated = zipTrees([params, steps], (p, step) => {
          const length = mul(step, times(scale * Math.sqrt(Math.max(...matrixOf(p)))));
          return sub(weightDecay === 0 ? p : sub(p, mul(p, times(weightDecay))), length);
        });
        return { params: updated, state: { momentum: next } };
      }),
  };
}
