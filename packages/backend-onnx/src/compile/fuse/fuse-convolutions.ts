/**
 * Joins calls of a graph before it is lowered: a convolution, its bias, its activation and the values added to it become
 * one `conv2dFused`, where nobody else needs what lies between.
 */
import { type Graph, type GraphNode, type GraphView, sameShape } from '@vqkit/core';
import { usesOf } from './uses.ts';

/** The same graph with fewer nodes. */
export function fuseConvolutions(graph: Graph): Graph {
  const uses = usesOf(graph);
  const makers = new Map<number, GraphNode>();
  const isOwn = (view: GraphView): boolean => uses.get(view.id) === 1;
  const joined = new Set<GraphNode>();
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const makerOf = (view: GraphView): GraphNode | undefined => (isOwn(view) ? makers.get(view.id) : undefined);
    const found = isAdd(node) ? joinAdd(node, makerOf) : joinActivation(node, makerOf);
    if (found) joined.add(found.from);
    const kept = found?.node ?? node;
    for (const output of kept.outputs) makers.set(output.id, kept);
    nodes.push(kept);
  }
  return { ...graph, nodes: nodes.filter((node) => !joined.has(node)) };
}

function isAdd({ kernel, attributes }: GraphNode): boolean {
  return kernel === 'binary' && attributes.op === 'add';
}

type MakerOf = (view: GraphView) => GraphNode | undefined;

/** A node that does the work of two, and the one that is no longer needed. */
interface Joined {
  readonly node: GraphNode;
  readonly from: GraphNode;
}

/** `relu`, `sigmoid` or `tanh` of a convolution with its bias. */
function joinActivation(node: GraphNode, makerOf: MakerOf): Joined | undefined {
  const activation = node.attributes.op;
  if (node.kernel !== 'unary' || !['relu', 'sigmoid', 'tanh'].includes(String(activation))) return undefined;
  const from = makerOf(node.inputs[0]!);
  if (from?.kernel !== 'conv2dFused' || from.attributes.activation !== 'none' || from.attributes.hasResidual) {
    return undefined;
  }
  return { node: { ...from, attributes: { ...from.attributes, activation }, outputs: node.outputs }, from };
}

/** `add` with a convolution on one side. */
function joinAdd(add: GraphNode, makerOf: MakerOf): Joined | undefined {
  const [output] = add.outputs as [GraphView];
  for (const [view, other] of [add.inputs, [...add.inputs].reverse()] as [GraphView, GraphView][]) {
    const from = makerOf(view);
    if (from === undefined || !sameShape(view.shape, from.outputs[0]!.shape) || !sameShape(view.shape, output.shape)) {
      continue;
    }
    const node = withBias(from, other) ?? withResidual(from, other);
    if (node) return { node: { ...node, outputs: add.outputs }, from };
  }
  return undefined;
}

function withBias(conv: GraphNode, bias: GraphView): GraphNode | undefined {
  const channels = conv.outputs[0]!.shape[3];
  if (conv.kernel !== 'conv2d' || bias.shape.length !== 1 || bias.shape[0] !== channels) return undefined;
  const attributes = { ...conv.attributes, activation: 'none', hasResidual: false };
  return { ...conv, kernel: 'conv2dFused', attributes, inputs: [...conv.inputs, bias] };
}

function withResidual(conv: GraphNode, residual: GraphView): GraphNode | undefined {
  if (conv.kernel !== 'conv2dFused' || conv.attributes.hasResidual) return undefined;
  if (!sameShape(residual.shape, conv.outputs[0]!.shape)) return undefined;
  const attributes = { ...conv.attributes, hasResidual: true };
  return { ...conv, attributes, inputs: [...conv.inputs, residual] };
}
