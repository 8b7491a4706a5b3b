/**
 * From a graph to units of work: patterns become fused calls, chains of elementwise operations become one shader each,
 * copies vanish. What is left is planned by the kernels.
 */
import {
  type DType,
  type Graph,
  type GraphNode,
  type GraphView,
  sameShape,
  sizeOf,
  type Uses,
  usesOf,
} from '@vqkit/core';
import { kernelMissing } from '../errors.ts';
import { type ElementInput, type ElementNode, elementwiseStep } from '../kernels/elementwise.ts';
import { elementOpOf } from '../kernels/pointwise.ts';
import type { KernelTable } from '../kernels/table.ts';
import { emptyPlan, input, type KernelContext, output, type Plan, planOf } from '../plan.ts';
import { dropDistances, fuseProducts } from './patterns.ts';

/** One plan with the values that it reads and writes. */
export interface Unit {
  readonly kernel: string;
  readonly plan: Plan;
  readonly inputs: readonly number[];
  readonly outputs: readonly GraphView[];
}

/** Operations in one elementwise shader; beyond that, registers spill. */
const maxChain = 24;

/** Replaces copies of values by the values, except where a copy leaves the graph. */
function withoutCopies(graph: Graph): Graph {
  const leaving = new Set(graph.outputs.map(({ id }) => id));
  const sources = new Map<number, number>();
  const nodes = graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map((view) => ({ ...view, id: sources.get(view.id) ?? view.id }));
    const isCopy = node.kernel === 'unary' && node.attributes.op === 'identity';
    if (!isCopy || leaving.has(node.outputs[0]!.id)) return [{ ...node, inputs }];
    sources.set(node.outputs[0]!.id, inputs[0]!.id);
    return [];
  });
  return { ...graph, nodes };
}

/** A chain: positions of its nodes, the last of which makes its output. */
interface Chain {
  readonly root: number;
  readonly members: number[];
  /** Views that it reads, by `keyOf`. */
  readonly reads: Set<string>;
}

/** Names a value together with how it is seen. */
function keyOf({ id, shape, dtype }: GraphView): string {
  return `${id} ${dtype}[${shape}]`;
}

/** Whether a node is elementwise over a shape that is not empty. */
function isElementwise({ kernel, attributes, outputs }: GraphNode): boolean {
  return elementOpOf(kernel, attributes) !== undefined && sizeOf(outputs[0]!.shape) > 0;
}

/**
 * Assigns elementwise nodes to chains, from the end: a node joins the chain that all its users belong to, if they see
 * it in its own shape and the chain does not read too many buffers.
 */
function chainsOf(
  nodes: readonly GraphNode[],
  uses: Uses,
  isNumber: (view: GraphView) => boolean,
  maxReads: number,
): Map<number, Chain> {
  const chains = new Map<number, Chain>();
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at]!;
    if (!isElementwise(node)) continue;
    const { id, shape } = node.outputs[0]!;
    const users = [...new Set(uses.of(id))];
    const chain = users.length > 0 ? chains.get(users[0]!) : undefined;
    const own = node.inputs.filter((view) => !isNumber(view)).map(keyOf);
    const reads = new Set([...(chain?.reads ?? []), ...own]);
    reads.delete(keyOf(node.outputs[0]!));
    const joins =
      chain !== undefined &&
      !uses.isOutput(id) &&
      chain.members.length < maxChain &&
      reads.size <= maxReads &&
      sameShape(shape, nodes[chain.root]!.outputs[0]!.shape) &&
      users.every((user) => chains.get(user) === chain && seesShape(nodes[user]!, id, shape));
    if (!joins) {
      chains.set(at, { root: at, members: [at], reads: new Set(own) });
      continue;
    }
    chain.members.unshift(at);
    chain.reads.clear();
    for (const read of reads) chain.reads.add(read);
    chains.set(at, chain);
  }
  return chains;
}

function seesShape({ inputs }: GraphNode, id: number, shape: readonly number[]): boolean {
  return inputs.every((view) => view.id !== id || sameShape(view.shape, shape));
}

/** Turns a graph into units, in an order that respects their dependencies. */
export function unitsOf(graph: Graph, kernels: KernelTable, context: KernelContext): Unit[] {
  const rewritten = dropDistances(fuseProducts(withoutCopies(graph)));
  const { nodes } = rewritten;
  const uses = usesOf(rewritten);
  const numbers = numbersIn(rewritten);
  const isNumber = ({ id }: GraphView): boolean => numbers.has(id);
  const chains = chainsOf(nodes, uses, isNumber, Math.min(context.traits.maxStorageBuffers - 1, 12));
  return nodes.flatMap((node, at) => {
    const chain = chains.get(at);
    if (chain === undefined) return isNeeded(node, uses, chains) ? [callUnit(node, kernels, context)] : [];
    return chain.root === at
      ? [
          chainUnit(
            chain.members.map((member) => nodes[member]!),
            numbers,
          ),
        ]
      : [];
  });
}

/** Values that are one number throughout: constants of one element, and whatever `fill` makes. */
function numbersIn({ constants, nodes }: Graph): Map<number, number> {
  const numbers = new Map<number, number>();
  for (const { id, shape, dtype, data } of constants) {
    if (sizeOf(shape) === 1 && dtype !== 'f16') numbers.set(id, data[0]!);
  }
  for (const { kernel, attributes, outputs } of nodes) {
    const { id, dtype } = outputs[0]!;
    if (kernel === 'fill' && dtype !== 'f16') numbers.set(id, attributes.value as number);
  }
  return numbers;
}

/** A `fill` whose users all take the number needs no buffer. */
function isNeeded({ kernel, outputs }: GraphNode, uses: Uses, chains: ReadonlyMap<number, Chain>): boolean {
  const { id, dtype } = outputs[0]!;
  return kernel !== 'fill' || dtype === 'f16' || uses.isOutput(id) || uses.of(id).some((user) => !chains.has(user));
}

function callUnit(node: GraphNode, kernels: KernelTable, context: KernelContext): Unit {
  const { kernel, inputs, attributes, outputs } = node;
  const planner = kernels[kernel];
  if (planner === undefined) throw kernelMissing(kernel);
  const plan = planner({ kernel, inputs, attributes, outputs }, context);
  return { kernel, plan, inputs: inputs.map(({ id }) => id), outputs };
}

/** One shader for a chain of nodes, given in order. */
function chainUnit(members: readonly GraphNode[], numbers: ReadonlyMap<number, number>): Unit {
  const made = new Map<number, number>();
  const inside = new Set(members.map(({ outputs }) => outputs[0]!.id));
  const views = new Map<string, { view: GraphView; value: number }>();
  for (const { inputs } of members) {
    for (const view of inputs) {
      if (!inside.has(view.id) && !views.has(keyOf(view))) views.set(keyOf(view), { view, value: views.size });
    }
  }
  const external = [...views.values()].map(({ view }) => view);
  const bound = external.filter(({ id }) => !numbers.has(id));
  const inputs = external.map((view): ElementInput => {
    const { id, shape, dtype } = view;
    const value = numbers.get(id);
    return value !== undefined ? { dtype, value } : { shape, dtype, buffer: input(bound.indexOf(view)) };
  });
  const nodes = members.map((node, i): ElementNode => {
    const { kernel, attributes, outputs } = node;
    const args = node.inputs.map((view) => made.get(view.id) ?? views.get(keyOf(view))!.value);
    made.set(outputs[0]!.id, inputs.length + i);
    return { op: elementOpOf(kernel, attributes)!, arguments: args, dtype: outputs[0]!.dtype as DType };
  });
  const last = members.at(-1)!.outputs[0]!;
  const label = members.length === 1 ? members[0]!.kernel : `fused ${members.length}`;
  const value = inputs.length + nodes.length - 1;
  const plan =
    sizeOf(last.shape) === 0
      ? emptyPlan
      : planOf(elementwiseStep({ label, shape: last.shape, inputs, nodes, outputs: [{ value, buffer: output() }] }));
  return { kernel: label, plan, inputs: bound.map(({ id }) => id), outputs: [last] };
}
