/**
 * Gradients of nearest-neighbour enlargement. Core writes them as `scatterAdd` with known indices 0, 0, 1, 1, …, once for
 * columns and once for rows; here they become one sum over small windows, the internal kernel `sumWindows`.
 */
import type { Graph, GraphNode, TypedArray } from '@vqkit/core';
import { usesOf } from './uses.ts';

/** Attributes of `sumWindows`: x `[N, H·rows, W·columns, C]` → sums over windows of rows × columns, `[N, H, W, C]`. */
export interface SumWindowsAttributes {
  readonly rows: number;
  readonly columns: number;
}

/** The same graph with its repeated sums joined. */
export function fuseRepeats(graph: Graph): Graph {
  const constants = new Map(graph.constants.map(({ id, data }) => [id, data]));
  const nodes = graph.nodes.map((node) => windowSum(node, constants) ?? node);
  return joinPairs({ ...graph, nodes });
}

/** A `scatterAdd` along rows or columns of an image that adds runs of neighbours. */
function windowSum(node: GraphNode, constants: ReadonlyMap<number, TypedArray>): GraphNode | undefined {
  const { axis } = node.attributes;
  const [indices, image] = node.inputs;
  const isImage = node.kernel === 'scatterAdd' && image?.shape.length === 4 && image.dtype === 'f32';
  if (!isImage || (axis !== 1 && axis !== 2)) return undefined;
  const data = constants.get(indices!.id);
  const size = node.outputs[0]!.shape[axis]!;
  const run = data === undefined || size === 0 ? 0 : data.length / size;
  if (!Number.isInteger(run) || run < 1 || !data!.every((value, i) => value === Math.floor(i / run))) return undefined;
  const attributes = { rows: axis === 1 ? run : 1, columns: axis === 2 ? run : 1 };
  return { kernel: 'sumWindows', inputs: [image], attributes, outputs: node.outputs };
}

/** Two sums in a row become one. */
function joinPairs(graph: Graph): Graph {
  const uses = usesOf(graph);
  const makers = new Map<number, GraphNode>();
  const joined = new Set<GraphNode>();
  const nodes = graph.nodes.map((node) => {
    const from = node.kernel === 'sumWindows' ? makers.get(node.inputs[0]!.id) : undefined;
    const isPair = from?.kernel === 'sumWindows' && uses.get(node.inputs[0]!.id) === 1;
    const kept = isPair ? { ...node, inputs: from.inputs, attributes: product(node, from) } : node;
    if (isPair) joined.add(from);
    for (const output of kept.outputs) makers.set(output.id, kept);
    return kept;
  });
  return { ...graph, nodes: nodes.filter((node) => !joined.has(node)) };
}

function product(a: GraphNode, b: GraphNode): GraphNode['attributes'] {
  const [x, y] = [a, b].map((node) => node.attributes as unknown as SumWindowsAttributes) as [
    SumWindowsAttributes,
    SumWindowsAttributes,
  ];
  return { rows: x.rows * y.rows, columns: x.columns * y.columns };
}
