/**
 * A model in pieces that run one after the other, so that the event loop turns between them: what the engine computes in
 * one go holds it up. Pieces end where few values are alive, and hand them on as they lie in memory, blocked images too.
 *
 * ```
 * Model → Model(inputs → alive) → Model(alive, inputs → alive) → … → Model(alive → outputs)
 * ```
 */
import type { Model, ModelNode, ModelPort } from '../model/types.ts';

/** What compiling a graph knows about its model. */
export interface ModelFacts {
  readonly model: Model;
  /** Work before the end of each node's call; nodes of one call stay together. */
  readonly workAt: readonly number[];
  /** How values lie in memory, as far as it is known. */
  readonly ports: ReadonlyMap<string, ModelPort>;
}

/** A place between two nodes. */
interface Seam {
  /** The node behind it. */
  readonly at: number;
  /** Work before it. */
  readonly work: number;
  /** Bytes of the values that are alive. */
  readonly bytes: number;
}

const elementBytes = { float: 4, uint8: 1, int32: 4, int64: 8, bool: 1, float16: 2, uint32: 4 } as const;

/**
 * Cuts a model so that no piece is more work than `limit`, where a single call is not.
 *
 * @returns Models whose inputs are inputs of the whole and outputs of those before.
 */
export function cutModel(whole: ModelFacts, limit: number): Model[] {
  const total = whole.workAt.at(-1) ?? 0;
  if (total <= limit) return [whole.model];
  const facts = withLateViews(whole);
  const { workAt } = facts;
  const seams = seamsOf(facts);
  const cuts = [0];
  let done = 0;
  while (total - done > limit) {
    const next = nextSeam(seams, done, limit);
    if (next === undefined) break;
    cuts.push(next.at);
    done = next.work;
  }
  return cuts.map((start, i) => pieceOf(facts, start, cuts[i + 1] ?? workAt.length));
}

/**
 * The same with views where they are used: what only sees values of a known form with other dimensions stands before each
 * of its users, so that a seam hands values on once, and not again for every view of them.
 */
function withLateViews({ model, workAt, ports }: ModelFacts): ModelFacts {
  const { graph } = model;
  const results = new Set(graph.outputs.map(({ name }) => name));
  const views = new Map(
    graph.nodes.flatMap((node) => {
      const isView = node.op === 'Reshape' && ports.has(node.inputs[0]!) && !results.has(node.outputs[0]!);
      return isView ? [[node.outputs[0]!, node] as const] : [];
    }),
  );
  const placed: { readonly node: ModelNode; readonly work: number }[] = [];
  for (const [i, node] of graph.nodes.entries()) {
    if (views.has(node.outputs[0]!)) continue;
    const own = new Map<string, string>();
    const seen = (name: string): string => {
      const view = views.get(name);
      if (view === undefined) return name;
      if (!own.has(name)) {
        const [values, dims] = view.inputs as [string, string];
        own.set(name, `${name}/${i}`);
        placed.push({ node: { ...view, inputs: [seen(values), dims], outputs: [`${name}/${i}`] }, work: workAt[i]! });
      }
      return own.get(name)!;
    };
    placed.push({ node: { ...node, inputs: node.inputs.map(seen) }, work: workAt[i]! });
  }
  const nodes = placed.map((each) => each.node);
  return { model: { ...model, graph: { ...graph, nodes } }, workAt: placed.map(({ work }) => work), ports };
}

/** The cheapest that makes a piece at least half full; a call that is more than the limit stands alone. */
function nextSeam(seams: readonly Seam[], done: number, limit: number): Seam | undefined {
  const ahead = seams.filter(({ work }) => work > done);
  const near = ahead.filter(({ work }) => work - done <= limit);
  const full = near.filter(({ work }) => work - done > limit / 2);
  const [first, ...others] = full.reverse();
  if (first === undefined) return near.at(-1) ?? ahead[0];
  return others.reduce((best, seam) => (seam.bytes < best.bytes ? seam : best), first);
}

/** Places between calls where all that is alive has a known form. */
function seamsOf({ model, workAt, ports }: ModelFacts): Seam[] {
  return workAt.flatMap((work, at) => {
    const before = workAt[at - 1] ?? work;
    if (before === work) return [];
    const alive = aliveAt(model, at).map((name) => ports.get(name));
    if (!alive.every((port) => port !== undefined)) return [];
    return [{ at, work: before, bytes: bytesOf(alive) }];
  });
}

function bytesOf(ports: readonly ModelPort[]): number {
  const sizes = ports.map(({ dims, type }) => dims.reduce<number>((n, side) => n * Number(side), elementBytes[type]));
  return sizes.reduce((a, b) => a + b, 0);
}

/** Values that nodes before `at` make and others need. */
function aliveAt({ graph: { nodes } }: Model, at: number): string[] {
  const needed = new Set(nodes.slice(at).flatMap(({ inputs }) => inputs));
  return nodes.slice(0, at).flatMap(({ outputs }) => outputs.filter((name) => needed.has(name)));
}

/** The nodes from `start` to `end` as a model. */
function pieceOf({ model, ports }: ModelFacts, start: number, end: number): Model {
  const { graph } = model;
  const nodes = graph.nodes.slice(start, end);
  const [used, made] = [
    new Set(nodes.flatMap(({ inputs }) => inputs)),
    new Set(nodes.flatMap(({ outputs }) => outputs)),
  ];
  const results = graph.outputs.filter(({ name }) => made.has(name));
  const handedOn = aliveAt(model, end).filter((name) => made.has(name) && !results.some((port) => port.name === name));
  const portsOf = (names: readonly string[]): ModelPort[] => names.map((name) => ports.get(name)!);
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      initializers: graph.initializers.filter(({ name }) => used.has(name)),
      inputs: [
        ...graph.inputs.filter(({ name }) => used.has(name)),
        ...portsOf(aliveAt(model, start).filter((name) => used.has(name))),
      ],
      outputs: [...results, ...portsOf(handedOn)],
    },
  };
}
