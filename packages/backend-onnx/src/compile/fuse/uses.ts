/** Who uses what in a graph. */
import type { Graph } from '@vqkit/core';

/** How often each value is read, by nodes and as an output. */
export function usesOf(graph: Graph): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  for (const { id } of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs]) {
    uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  return uses;
}
