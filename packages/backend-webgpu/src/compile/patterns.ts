/**
 * Rewrites of a graph's nodes. Convolutions and matrix products that are followed by a bias, an activation and a
 * residual or a pixel shuffle, each used once, become one call. Distances of a search that nobody asks for are not computed.
 */
import { type Graph, type GraphNode, type GraphView, joinEpilogue, joinNodes, sameShape, usesOf } from '@vqkit/core';

/** Nodes, and what leaves them. */
type Nodes = Pick<Graph, 'nodes' | 'outputs'>;

const fused: Readonly<Record<string, string>> = {
  conv2d: 'conv2dEpilogue',
  conv2dFused: 'conv2dEpilogue',
  conv2dEpilogue: 'conv2dEpilogue',
  matmul: 'matmulEpilogue',
  matmulEpilogue: 'matmulEpilogue',
};

/** The kernel that takes what follows a product; nothing follows a shuffle. */
function kernelOf({ kernel, attributes }: GraphNode): string | undefined {
  return attributes.isShuffled ? undefined : fused[kernel];
}

const epilogue = joinEpilogue({
  kernelOf,
  activations: ['relu', 'sigmoid', 'tanh', 'silu', 'gelu', 'leakyRelu'],
  hasResidual: true,
  needsBias: false,
  isReshaped: false,
});

/** A convolution writes each four channels as a square of pixels. */
function shuffle(product: GraphNode, node: GraphNode): GraphNode | undefined {
  const isShuffle = node.kernel === 'pixelShuffle' && node.attributes.factor === 2;
  const isSame = sameShape(node.inputs[0]!.shape, product.outputs[0]!.shape);
  if (!isShuffle || !isSame || kernelOf(product) !== 'conv2dEpilogue') return undefined;
  const { activation = 'none', hasResidual = false } = product.attributes;
  const hasBias = product.inputs.length > (hasResidual ? 3 : 2);
  const attributes = { ...product.attributes, activation, hasBias, hasResidual, isShuffled: true };
  return { kernel: 'conv2dEpilogue', inputs: product.inputs, attributes, outputs: node.outputs };
}

/** Replaces the patterns; the fused call stands where the last of its parts stood. */
export function fuseProducts<G extends Nodes>(graph: G): G {
  return joinNodes(graph, (maker, node, at) => epilogue(maker, node, at) ?? shuffle(maker, node));
}

/** Leaves out the distances of searches whose indices alone are used: a buffer less, and a pass over the vectors. */
export function dropDistances<G extends Nodes>(graph: G): G {
  const uses = usesOf(graph);
  const isUsed = ({ id }: GraphView): boolean => uses.isOutput(id) || uses.of(id).length > 0;
  const nodes = graph.nodes.map((node) =>
    node.kernel === 'nearestCode' && !isUsed(node.outputs[1]!)
      ? { ...node, kernel: 'nearestIndices', outputs: node.outputs.slice(0, 1) }
      : node,
  );
  return { ...graph, nodes };
}
