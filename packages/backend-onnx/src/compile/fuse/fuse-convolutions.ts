/**
 * Joins calls of a graph before it is lowered: a convolution, its bias, its activation and the values added to it become
 * one `conv2dFused`, where nobody else needs what lies between.
 */
import { type Graph, joinEpilogue, joinNodes } from '@vqkit/core';

const join = joinEpilogue({
  kernelOf: ({ kernel }) => (kernel === 'conv2d' || kernel === 'conv2dFused' ? 'conv2dFused' : undefined),
  activations: ['relu', 'sigmoid', 'tanh'],
  hasResidual: true,
  needsBias: true,
  isReshaped: false,
});

/** The same graph with fewer nodes. */
export function fuseConvolutions(graph: Graph): Graph {
  return joinNodes(graph, join);
}
