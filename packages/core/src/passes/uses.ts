/** Who reads what in a graph: the question of every rewriting. */
import type { Graph } from '../backend/backend.ts';

/** Finds out who uses a value. */
export interface Uses {
  /** Positions of the nodes that read a value, in order; a node that reads it twice counts twice. */
  readonly of: (id: number) => readonly number[];
  /** Whether the value leaves the graph. */
  readonly isOutput: (id: number) => boolean;
}

/** Counts the uses of all values. */
export function usesOf({ nodes, outputs }: Pick<Graph, 'nodes' | 'outputs'>): Uses {
  const uses = new Map<number, number[]>();
  nodes.forEach(({ inputs }, at) => {
    for (const { id } of inputs) {
      const own = uses.get(id);
      if (own) own.push(at);
      else uses.set(id, [at]);
    }
  });
  const leaving = new Set(outputs.map(({ id }) => id));
  return { of: (id) => uses.get(id) ?? [], isOutput: (id) => leaving.has(id) };
}
