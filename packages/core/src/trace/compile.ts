/**
 * `compile`: a pure function, made fast. It is traced once per combination of input shapes, and the graph is handed to
 * the backend that the inputs live on. Whole training steps compile like anything else.
 */
import type { Backend, Executable, ExecutableOptions, Graph } from '../backend/backend.ts';
import { BackendError, TraceError } from '../errors.ts';
import { Lru } from '../lru.ts';
import { alias, fromHandle, isTensor, type Tensor } from '../tensor/tensor.ts';
import { entriesOf, mapLeaves } from '../tree/tree.ts';
import { interpret } from './interpret.ts';
import { type Traced, traceTree } from './trace.ts';

/** A compiled function: called like the original. */
export interface Compiled<Args extends unknown[], R> {
  /** Starts the work and returns tensors at once; failures of an asynchronous engine surface when they are read. */
  (...args: Args): R;
  /** Prepares everything for arguments like these; afterwards the first call is as fast as the others. */
  warmup(...args: Args): Promise<void>;
  /** The graph for arguments like these. */
  graph(...args: Args): Graph;
  /** Frees what was compiled; idempotent. The function can be called again and compiles anew. */
  dispose(): void;
}

/** Options of `compile`. */
export interface CompileOptions extends ExecutableOptions {
  /** Where to run; needed only when no argument holds a tensor. */
  readonly backend?: Backend;
  /** How many combinations of shapes to keep; the least recently used goes first. Default 16. */
  readonly cacheSize?: number;
}

interface Program {
  readonly backend: Backend;
  readonly graph: Graph;
  readonly executable: Executable;
  run(inputs: readonly Tensor[]): unknown;
}

/**
 * Compiles a pure function over trees of tensors.
 *
 * @param fn  Synchronous and pure: it may not read values, and gets every tensor as an argument. Numbers, strings and
 *   booleans among the arguments are built in: each new value compiles again.
 * @throws TraceError, BackendError as `trace`, on the first call for each combination of shapes.
 *
 * @example
 * const step = compile((params: Params, x: Tensor) => valueAndGrad(loss)(params, x));
 * const { value, gradients } = step(params, x); // traced and built on the first call
 */
export function compile<Args extends unknown[], R>(
  fn: (...args: Args) => R,
  options: CompileOptions = {},
): Compiled<Args, R> {
  const { cacheSize = 16, backend: given, ...executable } = options;
  const programs = new Lru<string, Program>(cacheSize, ({ executable }) => executable.dispose());

  const programFor = (args: Args, entries = entriesOf(args)): Program => {
    const backend = entries.map(([, leaf]) => leaf).find(isTensor)?.backend ?? given;
    if (backend === undefined) {
      throw new BackendError({
        code: 'BACKEND_MISSING',
        message: 'compile: expected a tensor among the arguments, or a backend',
        fix: 'Pass { backend } as the second argument of compile',
      });
    }
    const key = signatureOf(entries);
    const known = programs.peek(key);
    const program =
      known?.backend === backend ? known : build(fn as (...args: never[]) => unknown, args, backend, executable);
    programs.set(key, program);
    return program;
  };

  const call = (...args: Args): R => {
    const entries = entriesOf(args);
    const inputs = entries.map(([, leaf]) => leaf).filter(isTensor);
    return programFor(args, entries).run(inputs) as R;
  };

  return Object.assign(call, {
    warmup: (...args: Args) => programFor(args).executable.warmup(),
    graph: (...args: Args) => programFor(args).graph,
    dispose: () => programs.clear(),
  });
}

function signatureOf(entries: readonly (readonly [string, unknown])[]): string {
  const parts = entries.map(([path, leaf]) => {
    if (isTensor(leaf)) return `${path}:${leaf.dtype}[${leaf.shape}]`;
    if (leaf === null || ['number', 'string', 'boolean', 'undefined'].includes(typeof leaf))
      return `${path}=${typeof leaf}:${String(leaf)}`;
    throw new TraceError({
      code: 'TRACE_ARGUMENT',
      message: `compile: expected tensors, numbers, strings and booleans in the arguments, got ${typeof leaf} at '${path}'`,
      fix: 'Turn arrays into tensors, and capture functions instead of passing them',
    });
  });
  return parts.join(';');
}

function build(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  backend: Backend,
  options: ExecutableOptions,
): Program {
  const traced = traceTree(fn, args, backend);
  const { graph, sources } = distinctOutputs(traced);
  const executable = backend.compile?.(graph, options) ?? interpret(backend, graph);
  const run = (inputs: readonly Tensor[]): unknown => {
    const stranger = inputs.find((x) => x.backend !== backend);
    if (stranger) {
      throw new BackendError({
        code: 'BACKEND_MISMATCH',
        message: `compile: expected all arguments on backend '${backend.name}', got one on '${stranger.backend.name}'`,
        fix: 'Move it first with `await transfer(tensor, backend)`',
      });
    }
    const computed = executable
      .run(inputs.map((x) => x.view))
      .map((handle, i) => fromHandle(backend, handle, graph.outputs[i]!.shape, graph.outputs[i]!.dtype));
    const taken = new Set<Tensor>();
    const outputs = sources.map(({ from, index, shape }) => {
      const source = (from === 'input' ? inputs : computed)[index]!;
      const isOwn = from === 'node' && !taken.has(source) && source.shape.join() === shape.join();
      taken.add(source);
      return isOwn ? source : alias(source, shape);
    });
    // A computed tensor of which only reshaped views are returned has no other owner.
    const returned = new Set(outputs);
    for (const x of computed) if (!returned.has(x)) x.dispose();
    return rebuild(traced, outputs);
  };
  return { backend, graph, executable, run };
}

/** Where an output comes from: an input itself, or distinct output `index` of the graph. */
interface OutputSource {
  readonly from: 'input' | 'node';
  readonly index: number;
  readonly shape: readonly number[];
}

/** Backends see each output once and only computed ones; inputs that are returned, and repetitions, become aliases here. */
function distinctOutputs({ graph }: Traced): { graph: Graph; sources: OutputSource[] } {
  const inputIds = graph.inputs.map(({ id }) => id);
  const constantIds = new Set(graph.constants.map(({ id }) => id));
  const nodes = [...graph.nodes];
  const outputs: Graph['outputs'][number][] = [];
  const positions = new Map<number, number>();
  let nextId =
    Math.max(0, ...inputIds, ...constantIds, ...nodes.flatMap((node) => node.outputs.map(({ id }) => id))) + 1;
  const sources = graph.outputs.map((port): OutputSource => {
    const input = inputIds.indexOf(port.id);
    if (input >= 0) return { from: 'input', index: input, shape: port.shape };
    let index = positions.get(port.id);
    if (index === undefined) {
      index = outputs.length;
      positions.set(port.id, index);
      const { name, shape, dtype } = port;
      const id = constantIds.has(port.id) ? nextId++ : port.id;
      if (id !== port.id)
        nodes.push({
          kernel: 'unary',
          inputs: [{ id: port.id, shape, dtype }],
          attributes: { op: 'identity' },
          outputs: [{ id, shape, dtype }],
        });
      outputs.push({ id, name, shape, dtype });
    }
    return { from: 'node', index, shape: port.shape };
  });
  return { graph: { ...graph, nodes, outputs }, sources };
}

function rebuild({ result, outputPaths }: Traced, outputs: readonly Tensor[]): unknown {
  const byPath = new Map(outputPaths.map((path, i) => [path, outputs[i]!]));
  return mapLeaves(result, (leaf, path) => byPath.get(path) ?? leaf);
}
