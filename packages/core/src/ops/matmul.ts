/** Matrix products, batched and broadcast over the batch. */
import type { RequiredKernels } from '../backend/kernels.ts';
import { sizeOf, type TensorSpec } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add } from './binary.ts';
import { checkDTypes } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { broadcastTo, sumTo } from './reduce.ts';
import { reshape } from './reshape.ts';

/** Whether an operand is stored with its last two axes swapped. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

type MatmulAttributes = RequiredKernels['matmul'];

function sizes([a, b]: readonly TensorSpec[], { transposeA, transposeB }: MatmulAttributes) {
  const [m, k] = transposeA ? [a!.shape[2]!, a!.shape[1]!] : [a!.shape[1]!, a!.shape[2]!];
  const [k2, n] = transposeB ? [b!.shape[2]!, b!.shape[1]!] : [b!.shape[1]!, b!.shape[2]!];
  return { batchA: a!.shape[0]!, batchB: b!.shape[0]!, m, k, k2, n };
}

const matmulOp = defineOp<MatmulAttributes>({
  name: 'matmul',
  infer: (inputs, attributes) => {
    checkDTypes('matmul', inputs, ['f32']);
    const { batchA, batchB, m, k, k2, n } = sizes(inputs, attributes);
    if (k !== k2 || (batchA !== batchB && batchA !== 1 && batchB !== 1)) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `matmul: expected [${m}, ${k}] times [${k}, …], got [${k2}, ${n}] (batches ${batchA} and ${batchB})`,
        fix: 'The inner sizes must agree, and batches must be equal or 1; see transposeA and transposeB',
      });
    }
    return [{ shape: [batchA === 1 ? batchB : batchA, m, n], dtype: 'f32' }];
  },
  gradient: ({ inputs: [a, b], gradients: [dy], attributes: { transposeA, transposeB }, needed }) => {
    const product = (x: Tensor, y: Tensor, tx: boolean, ty: boolean): Tensor =>
      matmulOp([x, y], { transposeA: tx, transposeB: ty })[0]!;
    const da = (): Tensor => (transposeA ? product(b!, dy!, transposeB, true) : product(dy!, b!, false, !transposeB));
    const db = (): Tensor => (transposeB ? product(dy!, a!, true, transposeA) : product(a!, dy!, !transposeA, false));
    return [needed[0] ? sumTo(da(), a!.shape) : undefined, needed[1] ? sumTo(db(), b!.shape) : undefined];
  },
});

/**
 * Matrix product over the last two axes.
 *
 * @param a  f32 `[…, M, K]`.
 * @param b  f32 `[…, K, N]`; leading axes equal to those of `a`, or absent (one matrix for all).
 * @returns f32 `[…, M, N]`.
 * @throws ShapeError `SHAPE_MISMATCH`
 *
 * @example
 * matmul(x, w); // x: [8, 16, 64], w: [64, 32] → [8, 16, 32]
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  return tidy(() => multiply(a, b, options));
}

function multiply(a: Tensor, b: Tensor, options: MatmulOptions): Tensor {
  const { transposeA = false, transposeB = false } = options;
  checkMatrix(a);
  checkMatrix(b);
  // One right-hand matrix for a whole batch is one tall product.
  if (b.rank === 2 && a.rank > 2 && !transposeA) {
    const rows = reshape(a, [1, -1, a.shape.at(-1)!]);
    const y = matmulOp([rows, reshape(b, [1, ...b.shape])], { transposeA, transposeB })[0]!;
    return reshape(y, [...a.shape.slice(0, -1), y.shape[2]!]);
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = batchA.length >= batchB.length ? batchA : batchB;
  const flatten = (x: Tensor, own: readonly number[]): Tensor => {
    const isSingle = own.every((n) => n === 1);
    const whole = isSingle || own.join() === batch.join() ? x : broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return reshape(whole, [isSingle ? 1 : sizeOf(batch), ...x.shape.slice(-2)]);
  };
  const y = matmulOp([flatten(a, batchA), flatten(b, batchB)], { transposeA, transposeB })[0]!;
  return reshape(y, [...batch, y.shape[1]!, y.shape[2]!]);
}

function checkMatrix(x: Tensor): void {
  if (x.rank >= 2) return;
  throw new ShapeError({
    code: 'RANK_MISMATCH',
    message: `matmul: expected at least 2 axes, got shape [${x.shape}]`,
    fix: 'Use reshape to make a row [1, K] or a column [K, 1]',
  });
}

/**
 * Affine map of the last axis: x·weight + bias.
 *
 * @param x  f32 `[…, I]`.
 * @param weight  f32 `[I, O]`.
 * @param bias  f32 `[O]`.
 * @returns f32 `[…, O]`.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return tidy(() => {
    const y = x.rank === 1 ? reshape(matmul(reshape(x, [1, -1]), weight), [-1]) : matmul(x, weight);
    return bias === undefined ? y : add(y, bias);
  });
}
