/** `matmul`, which takes either operand as it lies in memory, transposed or not. */
import type { RequiredKernels } from '@vqkit/core';
import type { Lower, Lowering, Pair } from '../lowering.ts';
import type { Operand } from '../value.ts';

const rows = [0, 1, 2];
const columns = [0, 2, 1];

/** Lowers `matmul`. */
export const lowerMatmul: Lower<RequiredKernels['matmul'], Pair> = (l, [a, b], { transposeA, transposeB }, [view]) => {
  if (a.size === 0 || b.size === 0) return l.splat(view, 0);
  return l.result(view, product(l, a, transposeA, b, transposeB));
};

/** Name of alpha·a·b, `[B, M, N]`, of operands of rank 3. */
export function product(
  l: Lowering,
  a: Operand,
  transposeA: boolean,
  b: Operand,
  transposeB: boolean,
  alpha = 1,
): string {
  const { g } = l;
  if (!l.dialect.contrib) {
    const plain = g.op('MatMul', [a.name(transposeA ? columns : rows), b.name(transposeB ? columns : rows)]);
    return alpha === 1 ? plain : g.op('Mul', [plain, g.scalar(alpha, 'float')]);
  }
  const left = memoryOf(a, transposeA);
  const right = memoryOf(b, transposeB);
  const isPlain = !left.isTransposed && !right.isTransposed && alpha === 1;
  if (isPlain) return g.op('MatMul', [left.name, right.name]);
  const attributes = {
    transA: { int: left.isTransposed ? 1 : 0 },
    transB: { int: right.isTransposed ? 1 : 0 },
    alpha: { float: alpha },
  };
  return g.op('FusedMatMul', [left.name, right.name], attributes, 'com.microsoft');
}

/** A form that exists, and whether it is the transpose of the matrix wanted. */
function memoryOf(x: Operand, isTransposed: boolean): { name: string; isTransposed: boolean } {
  const isFlipped = !x.has(rows) && x.has(columns);
  return { name: x.name(isFlipped ? columns : rows), isTransposed: isFlipped !== isTransposed };
}
