/**
 * Rewrites a graph before it is replayed: a matrix product, the bias added to its last axis, and an activation that
 * tfjs fuses become one call, which runs `_FusedMatMul`. Values that somebody else also reads stay as they are.
 */
import { type Activation, type Graph, type GraphNode, type GraphView, sizeOf } from '@vqkit/core';

/** The kernel that the rewriting makes: inputs a, b, bias `[N]`. */
export const linearKernel = 'tfjs:linear';

/** Attributes of `linearKernel`. */
export interface LinearAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: Activation;
}

/** How often each value is read, by nodes and as an output of the graph. */
function countReads({ nodes, outputs }: Graph): Map<number, number> {
  const reads = new Map<number, number>();
  for (const { id } of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) reads.set(id, (reads.get(id) ?? 0) + 1);
  return reads;
}

/** The other operand of `node` when it adds a vector to the last axis of value `id`. */
function biasAddedTo(id: number, { kernel, attributes, inputs }: GraphNode): GraphView | undefined {
  if (kernel !== 'binary' || attributes.op !== 'add') return undefined;
  const at = inputs.findIndex((input) => input.id === id);
  const [sum, bias] = [inputs[at], inputs[1 - at]];
  if (!sum || !bias || bias.id === id) return undefined;
  const isVector = bias.shape.at(-1) === sum.shape.at(-1) && sizeOf(bias.shape) === bias.shape.at(-1);
  return isVector ? bias : undefined;
}

/** The activation that `node` applies to value `id`, if tfjs fuses it. */
function activationOf(id: number, { kernel, attributes, inputs }: GraphNode): Activation | undefined {
  if (inputs.length !== 1 || inputs[0]?.id !== id) return undefined;
  if (kernel === 'leakyRelu' && attributes.slope === 0.2) return 'leakyRelu';
  if (kernel !== 'unary') return undefined;
  return attributes.op === 'relu' || attributes.op === 'sigmoid' ? attributes.op : undefined;
}

/** The fused node for a product, and which nodes it replaces; undefined when nothing follows that fits. */
function fuse(
  product: GraphNode,
  next: (id: number) => GraphNode | undefined,
): { node: GraphNode; gone: GraphNode[] } | undefined {
  const [a, b] = product.inputs;
  // Of nothing, only the bias would be left: that is for the parts to get right.
  if (a?.shape[0] !== 1 || b?.shape[0] !== 1 || sizeOf(a.shape) === 0) return undefined;
  const sum = next(product.outputs[0]!.id);
  const bias = sum && biasAddedTo(product.outputs[0]!.id, sum);
  // The bias must run along the columns of the product, not along an axis that a reshape put there.
  if (!sum || !bias || sizeOf(bias.shape) !== product.outputs[0]!.shape[2]) return undefined;
  const active = next(sum.outputs[0]!.id);
  const activation = active && activationOf(sum.outputs[0]!.id, active);
  const last = activation ? active : sum;
  const { transposeA, transposeB } = product.attributes as { transposeA: boolean; transposeB: boolean };
  const attributes: LinearAttributes = { transposeA, transposeB, activation: activation ?? 'none' };
  const inputs = [a, b, { ...bias, shape: [sizeOf(bias.shape)] }];
  const node = { kernel: linearKernel, inputs, attributes: { ...attributes }, outputs: last.outputs };
  return { node, gone: activation ? [product, sum, last] : [product, sum] };
}

/** The graph with its affine maps fused. */
export function fuseLinear(graph: Graph): Graph {
  const reads = countReads(graph);
  const readers = new Map<number, GraphNode>();
  for (const node of graph.nodes) for (const { id } of node.inputs) readers.set(id, node);
  const returned = new Set(graph.outputs.map(({ id }) => id));
  const next = (id: number): GraphNode | undefined =>
    reads.get(id) === 1 && !returned.has(id) ? readers.get(id) : undefined;
  const replaced = new Map<GraphNode, GraphNode | undefined>();
  for (const product of graph.nodes) {
    if (product.kernel !== 'matmul') continue;
    const fused = fuse(product, next);
    if (!fused) continue;
    for (const node of fused.gone) replaced.set(node, undefined);
    // In the place of the last one: only there is the bias sure to be computed.
    replaced.set(fused.gone.at(-1)!, fused.node);
  }
  const nodes = graph.nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : node));
  return { ...graph, nodes };
}
