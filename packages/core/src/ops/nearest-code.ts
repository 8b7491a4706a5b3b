/** The heart of every vector quantizer: which code is nearest, and what was assigned to each code. */
import type { TensorSpec } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { mul, sub } from './binary.ts';
import { checkDTypes, checkRank, checkShape } from './broadcast-shapes.ts';
import { fill } from './create.ts';
import { defineOp } from './define-op.ts';
import { gather, scatterAdd } from './gather.ts';
import { concat } from './layout.ts';
import { matmul } from './matmul.ts';
import { argmin, sum } from './reduce.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { square } from './unary.ts';

/** Elements of the distance matrix that the default holds at a time: 4 M floats, 16 MB. */
const chunkElements = 1 << 22;

const nearestCodeOp = defineOp<object>({
  name: 'nearestCode',
  infer: ([x, codebook]) => {
    checkVectors('nearestCode', x!, codebook!);
    const n = x!.shape[0]!;
    return [
      { shape: [n], dtype: 'u32' },
      { shape: [n], dtype: 'f32' },
    ];
  },
  forward: ([x, codebook]) => {
    const [n, d] = x!.shape as [number, number];
    const k = codebook!.shape[0]!;
    const rows = Math.max(1, Math.floor(chunkElements / k));
    const codeNorms = sum(square(codebook!), { axes: 1 });
    const parts: Tensor[] = [];
    for (let start = 0; start < n || parts.length === 0; start += rows) {
      const chunk = slice(x!, [start, 0], { size: [Math.min(rows, n - start), d] });
      // |x − c|² without |x|², which is the same for every code.
      parts.push(argmin(sub(codeNorms, mul(matmul(chunk, codebook!, { transposeB: true }), 2)), 1));
    }
    const indices = concat(parts);
    return [indices, sum(square(sub(x!, gather(codebook!, indices))), { axes: 1 })];
  },
  // Indices have no gradient; the distances that go with them do.
  gradient: ({ inputs: [x, codebook], outputs: [indices], gradients: [, dDistance], needed }) => {
    if (dDistance === undefined) return [];
    const dDifference = mul(mul(sub(x!, gather(codebook!, indices!)), 2), column(dDistance));
    return [
      dDifference,
      needed[1] ? scatterAdd(indices!, mul(dDifference, -1), { size: codebook!.shape[0]! }) : undefined,
    ];
  },
});

const column = (x: Tensor): Tensor => reshape(x, [x.size, 1]);

function checkVectors(name: string, x: TensorSpec, codebook: TensorSpec): void {
  checkDTypes(name, [x, codebook], ['f32']);
  checkRank(name, 'vectors [N, D]', x, 2);
  checkRank(name, 'a codebook [K, D]', codebook, 2);
  const [k, d] = codebook.shape as [number, number];
  if (x.shape[1] === d && k > 0) return;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `${name}: expected vectors of ${d} values and at least one code, got vectors [${x.shape}] and codebook [${codebook.shape}]`,
    fix: 'Project the features to the code dimension first, e.g. linear(x, weight) with weight [features, D]',
  });
}

/** Result of `nearestCode`. */
export interface NearestCode {
  /** u32, like `x` without its last axis; each in `[0, K)`, the lowest index on ties. */
  readonly indices: Tensor;
  /** Squared Euclidean distances to those codes, f32, like `indices`. */
  readonly distances: Tensor;
}

/**
 * Index of the nearest code of each vector, and the squared distance to it. Memory does not grow with N·K.
 *
 * @param x  Features, f32 `[…, D]`.
 * @param codebook  Codes, f32 `[K, D]`.
 * @throws ShapeError `SHAPE_MISMATCH` when the last axis of `x` is not `D`.
 * @see van den Oord et al. 2017, arXiv:1711.00937, eq. 1–2
 *
 * @example
 * const { indices } = nearestCode(x, codebook); // x: [1, 16, 16, 64] → indices: [1, 16, 16]
 */
export function nearestCode(x: Tensor, codebook: Tensor): NearestCode {
  const lead = x.shape.slice(0, -1);
  return tidy(() => {
    const rows = reshape(x, [lead.reduce((a, b) => a * b, 1), x.shape.at(-1) ?? 0]);
    const [indices, distances] = nearestCodeOp([rows, codebook], {}) as [Tensor, Tensor];
    return { indices: reshape(indices, lead), distances: reshape(distances, lead) };
  });
}

const codeStatisticsOp = defineOp<{ readonly codes: number }>({
  name: 'codeStatistics',
  infer: ([x, indices], { codes }) => {
    checkDTypes('codeStatistics', [x!], ['f32']);
    checkRank('codeStatistics', 'vectors [N, D]', x!, 2);
    checkShape('codeStatistics', 'indices', indices!, [x!.shape[0]!]);
    return [
      { shape: [codes], dtype: 'f32' },
      { shape: [codes, x!.shape[1]!], dtype: 'f32' },
    ];
  },
  forward: ([x, indices], { codes }) => [
    scatterAdd(indices!, fill(x!.backend, [x!.shape[0]!], 1), { size: codes }),
    scatterAdd(indices!, x!, { size: codes }),
  ],
  gradient: ({ inputs: [, indices], gradients: [, dSums] }) => [dSums && gather(dSums, indices!)],
});

/** Result of `codeStatistics`. */
export interface CodeStatistics {
  /** How many vectors each code got, f32 `[K]`. */
  readonly counts: Tensor;
  /** Sum of those vectors, f32 `[K, D]`. */
  readonly sums: Tensor;
}

/**
 * What k-means and EMA updates need: how many vectors each code got, and their sum.
 *
 * @param x  f32 `[…, D]`.
 * @param indices  u32, like `x` without its last axis, each in `[0, codes)`.
 * @param codes  K.
 */
export function codeStatistics(x: Tensor, indices: Tensor, codes: number): CodeStatistics {
  return tidy(() => {
    const rows = reshape(x, [indices.size, x.shape.at(-1) ?? 0]);
    const [counts, sums] = codeStatisticsOp([rows, reshape(indices, [indices.size])], { codes }) as [Tensor, Tensor];
    return { counts, sums };
  });
}
