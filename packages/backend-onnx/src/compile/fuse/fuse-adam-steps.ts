/**
 * Adam's steps for the many small tensors of a network (biases, scales) become one for all, the internal kernel
 * `adamSteps`: a dozen of the engine's operators instead of a dozen for each.
 */
import { exactJson, type Graph, type GraphNode, sizeOf } from '@vqkit/core';

/** Tensors with more elements keep their own step: joining them would cost more than it saves. */
const mostElements = 4096;

/** The same graph with small steps joined. */
export function fuseAdamSteps(graph: Graph): Graph {
  const groups = new Map<string, GraphNode[]>();
  const depths = depthsOf(graph);
  for (const node of graph.nodes) {
    const size = sizeOf(node.inputs[0]?.shape ?? []);
    if (node.kernel !== 'adamStep' || size === 0 || size > mostElements) continue;
    // Steps of one depth do not wait for each other.
    const key = `${depths.get(node.outputs[0]!.id)} ${node.inputs[4]!.id} ${exactJson(node.attributes)}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const joins = [...groups.values()].filter((steps) => steps.length > 1);
  const gone = new Set(joins.flat());
  const rest = graph.nodes.filter((node) => !gone.has(node));
  return joins.length === 0 ? graph : { ...graph, nodes: inOrder([...rest, ...joins.map(joined)]) };
}

/** How many of Adam's steps lie one after the other on the way to a value, by its id; none where it is left out. */
function depthsOf(graph: Graph): ReadonlyMap<number, number> {
  const depths = new Map<number, number>();
  for (const { kernel, inputs, outputs } of graph.nodes) {
    const before = Math.max(0, ...inputs.map(({ id }) => depths.get(id) ?? 0));
    for (const { id } of outputs) depths.set(id, before + (kernel === 'adamStep' ? 1 : 0));
  }
  return depths;
}

/** Inputs: all parameters, all gradients, all first moments, all second ones, the rates. Outputs likewise. */
function joined(steps: readonly GraphNode[]): GraphNode {
  const [{ attributes, inputs }] = steps as [GraphNode];
  const tensors = [0, 1, 2, 3].flatMap((kind) => steps.map((step) => step.inputs[kind]!));
  const outputs = [0, 1, 2].flatMap((kind) => steps.map((step) => step.outputs[kind]!));
  return { kernel: 'adamSteps', attributes, inputs: [...tensors, inputs[4]!], outputs };
}

/** Nodes after those that make what they read; otherwise as they come. */
function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  const placed = new Set<GraphNode>();
  for (const node of nodes) {
    const waiting = [node];
    while (waiting.length > 0) {
      const next = waiting.at(-1)!;
      const missing = next.inputs.map(({ id }) => makers.get(id)).filter((maker) => maker && !placed.has(maker));
      if (missing.length > 0) waiting.push(...(missing as GraphNode[]));
      else placed.add(waiting.pop()!);
    }
  }
  return [...placed];
}
