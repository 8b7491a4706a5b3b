/** Rewriting in which a node takes over the work of the one before it, where nobody else needs what lies between. */
import type { Graph, GraphNode } from '../backend/backend.ts';
import { usesOf } from './uses.ts';

/**
 * Makes one node of two.
 *
 * @param maker  Makes input `at` of `node`, which reads it once and alone.
 * @returns A node with the outputs of `node`; undefined where the two stay apart.
 */
export type Join = (maker: GraphNode, node: GraphNode, at: number) => GraphNode | undefined;

/** The same graph with nodes joined wherever `join` says so; what was joined may be joined again. It stands where the later node stood. */
export function joinNodes<G extends Pick<Graph, 'nodes' | 'outputs'>>(graph: G, join: Join): G {
  const uses = usesOf(graph);
  const makers = new Map<number, GraphNode>();
  const gone = new Set<GraphNode>();
  const nodes = graph.nodes.map((node) => {
    let kept = node;
    for (const [at, { id }] of node.inputs.entries()) {
      const maker = uses.of(id).length === 1 && !uses.isOutput(id) ? makers.get(id) : undefined;
      const joined = maker && join(maker, node, at);
      if (joined === undefined) continue;
      gone.add(maker!);
      kept = joined;
      break;
    }
    for (const { id } of kept.outputs) makers.set(id, kept);
    return kept;
  });
  return { ...graph, nodes: nodes.filter((node) => !gone.has(node)) };
}
