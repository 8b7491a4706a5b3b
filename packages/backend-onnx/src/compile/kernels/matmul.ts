/** `matmul`, which takes either operand as it lies in memory, transposed or not. */
import type { GraphNode, RequiredKernels } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';

const rows = [0, 1, 2];
const columns = [0, 2, 1];

/** Lowers `matmul`. */
export function lowerMatmul(l: Lowering, node: GraphNode): Value {
  const { transposeA, transposeB } = node.attributes as unknown as RequiredKernels['matmul'];
  const [a, b] = l.takeAll(node);
  const view = node.outputs[0]!;
  if (a!.size === 0 || b!.size === 0) return l.splat(view, 0);
  return l.result(view, product(l, a!, transposeA, b!, transposeB));
}

/** Name of a·b, `[B, M, N]`, of operands of rank 3. */
export function product(l: Lowering, a: Operand, transposeA: boolean, b: Operand, transposeB: boolean): string {
  const left = memoryOf(a, transposeA);
  // Without a batch the right side can be a plain matrix, whatever the left side's batch.
  const right = memoryOf(b, transposeB);
  if (!left.isTransposed && !right.isTransposed) return l.g.op('MatMul', [left.name, right.name]);
  if (l.dialect.contrib) {
    const attributes = { transA: { int: left.isTransposed ? 1 : 0 }, transB: { int: right.isTransposed ? 1 : 0 } };
    return l.g.op('FusedMatMul', [left.name, right.name], attributes, 'com.microsoft');
  }
  return l.g.op('MatMul', [a.name(transposeA ? columns : rows), b.name(transposeB ? columns : rows)]);
}

/** A form that exists, and whether it is the transpose of the matrix wanted. */
function memoryOf(x: Operand, isTransposed: boolean): { name: string; isTransposed: boolean } {
  const isFlipped = !x.has(rows) && x.has(columns);
  return { name: x.name(isFlipped ? columns : rows), isTransposed: isFlipped !== isTransposed };
}
