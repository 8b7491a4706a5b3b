/**
 * Rewrites a graph before it is replayed: a matrix product, the bias added to its last axis, and an activation that
 * tfjs fuses become one call, which runs `_FusedMatMul`. Values that somebody else also reads stay as they are.
 */
import { type Activation, type Graph, type GraphNode, joinEpilogue, joinNodes, sizeOf } from '@vqkit/core';

/** The kernel that the rewriting makes: inputs a, b, bias `[N]`. */
export const linearKernel = 'tfjs:linear';

/** Attributes of `linearKernel`. */
export interface LinearAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: Activation;
}

function kernelOf({ kernel, inputs: [a, b] }: GraphNode): string | undefined {
  if (kernel === linearKernel) return linearKernel;
  // Of nothing, only the bias would be left: that is for the parts to get right.
  const isSingle = a?.shape[0] === 1 && b?.shape[0] === 1 && sizeOf(a.shape) > 0;
  return kernel === 'matmul' && isSingle ? linearKernel : undefined;
}

const join = joinEpilogue({
  kernelOf,
  activations: ['relu', 'leakyRelu', 'sigmoid'],
  hasResidual: false,
  needsBias: true,
  isReshaped: true,
});

/** The graph with its affine maps fused. */
export function fuseLinear(graph: Graph): Graph {
  return joinNodes(graph, join);
}
