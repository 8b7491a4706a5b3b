/**
 * Gradients of nearest-neighbour enlargement. Core writes them as `scatterAdd` with known indices 0, 0, 1, 1, …, once for
 * columns and once for rows; here they become one sum over small windows, the internal kernel `sumWindows`.
 */
import { type Graph, type GraphNode, joinNodes, type TypedArray } from '@vqkit/core';

/** Attributes of `sumWindows`: x `[N, H·rows, W·columns, C]` → sums over windows of rows × columns, `[N, H, W, C]`. */
export type SumWindowsAttributes = { readonly rows: number; readonly columns: number };

/** The same graph with its repeated sums joined. */
export function fuseRepeats(graph: Graph): Graph {
  const constants = new Map(graph.constants.map(({ id, data }) => [id, data]));
  const nodes = graph.nodes.map((node) => windowSum(node, constants) ?? node);
  return joinNodes({ ...graph, nodes }, joinPair);
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
function joinPair(maker: GraphNode, node: GraphNode): GraphNode | undefined {
  if (maker.kernel !== 'sumWindows' || node.kernel !== 'sumWindows') return undefined;
  const [a, b] = [maker, node].map(({ attributes }) => attributes as SumWindowsAttributes);
  return { ...node, inputs: maker.inputs, attributes: { rows: a!.rows * b!.rows, columns: a!.columns * b!.columns } };
}
