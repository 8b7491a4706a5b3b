/**
 * Graph → ONNX: every recorded call is lowered in its place, then the outputs are asked for. Outputs that need no
 * engine (arguments passed through, constants, empty tensors) are settled by a plan on the host.
 *
 * ```
 * Graph { inputs, constants, nodes, outputs } → Lowering (forms of values) → Model + where each output comes from
 * ```
 */
import { BackendError, type Graph, type GraphView, sizeOf, type TypedArray } from '@vqkit/core';
import { GraphBuilder } from '../model/builder.ts';
import type { Model, ModelPort } from '../model/types.ts';
import { blockedDomain } from './blocked.ts';
import type { ModelFacts } from './cut-model.ts';
import { baseType } from './element-types.ts';
import { fuseAdamSteps } from './fuse/fuse-adam-steps.ts';
import { fuseConvolutions } from './fuse/fuse-convolutions.ts';
import { fuseRepeats } from './fuse/fuse-repeats.ts';
import { lowerings } from './kernels/table.ts';
import { type Dialect, isEmptyNode, Lowering, oneName } from './lowering.ts';
import { Value } from './value.ts';
import { modelOf } from './versions.ts';
import { productsOf, visitsOf } from './work.ts';

/** Where one output of a graph comes from. */
export type OutputSource =
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'constant'; readonly data: TypedArray }
  | { readonly kind: 'splat'; readonly value: number };

/** A graph as an ONNX model, and how its signature maps to the model's. */
export interface CompiledGraph {
  /** undefined when no output needs the engine. */
  readonly model: Model | undefined;
  /** The model's inputs, by number of the graph's input. */
  readonly inputs: readonly { readonly index: number; readonly port: ModelPort }[];
  /** Whether the model has one more input, `oneName`, which is always 1. */
  readonly usesOne: boolean;
  /** In the order of the graph's outputs. */
  readonly outputs: readonly OutputSource[];
  /** What the model may be cut by. */
  readonly facts: Omit<ModelFacts, 'model'>;
}

/**
 * Compiles a graph.
 *
 * @param dialect  Which operators may be used.
 * @param isWhole  The model gives every output itself, also those that need no computing, and names every input.
 * @throws BackendError `KERNEL_MISSING` for a kernel that has no lowering.
 */
export function compileGraph(original: Graph, dialect: Dialect, isWhole = false): CompiledGraph {
  const graph = fuseAdamSteps(fuseConvolutions(fuseRepeats(original)));
  const builder = new GraphBuilder();
  const lowering = new Lowering(builder, dialect);
  const ports = graph.inputs.map((view, index) => ({ index, port: inputPort(view, index) }));
  for (const { index, port } of ports) {
    const view = graph.inputs[index]!;
    lowering.define(view, lowering.result(view, port.name));
  }
  for (const constant of graph.constants) defineConstant(lowering, constant);
  const workAt: number[] = [];
  let work = 0;
  for (const node of graph.nodes) {
    lowerNode(lowering, node);
    work += productsOf(node) ?? visitWork * visitsOf(node);
    while (workAt.length < builder.nodes.length) workAt.push(work);
  }
  const sources = graph.outputs.map((view): OutputSource => {
    if (isWhole) return { kind: 'model', name: lowering.take(view).name() };
    return outputSource(graph, lowering, view);
  });
  const outputs = nameOutputs(builder, sources);
  const modelOutputs = graph.outputs.flatMap(({ dtype, shape }, i): ModelPort[] => {
    const source = outputs[i]!;
    return source.kind === 'model' ? [{ name: source.name, type: baseType[dtype], dims: [...shape] }] : [];
  });
  const live = liveNodes(builder, modelOutputs);
  const nodes = live.map((i) => builder.nodes[i]!);
  for (const port of modelOutputs) builder.ports.set(port.name, port);
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const inputs = ports.filter(({ port }) => isWhole || used.has(port.name));
  const initializers = builder.initializers.filter((tensor) => used.has(tensor.name));
  const usesOne = used.has(oneName);
  const modelInputs = [...inputs.map(({ port }) => port), ...(usesOne ? [onePort] : [])];
  const domains = [...(dialect.contrib ? ['com.microsoft'] : []), ...(dialect.blockSize > 0 ? [blockedDomain] : [])];
  const model = modelOf({ name: 'vqkit', nodes, initializers, inputs: modelInputs, outputs: modelOutputs }, ...domains);
  const facts = { workAt: live.map((i) => workAt[i] ?? work), ports: builder.ports };
  return { model: modelOutputs.length > 0 ? model : undefined, inputs, usesOne, outputs, facts };
}

/** Multiplications that take the engine as long as one visit of an element, about. */
const visitWork = 16;

const onePort: ModelPort = { name: oneName, type: 'float', dims: [] };

function inputPort(view: GraphView, index: number): ModelPort {
  return { name: `input${index}`, type: baseType[view.dtype], dims: [...view.shape] };
}

function defineConstant(lowering: Lowering, constant: Graph['constants'][number]): void {
  const { data, shape, dtype } = constant;
  const isSplat = data.length === 0 || (data.length === 1 && dtype !== 'f16');
  const value = isSplat
    ? lowering.splat(constant, data[0] ?? 0)
    : lowering.result(constant, lowering.g.constant(data, shape, baseType[dtype]));
  lowering.define(constant, value);
}

function lowerNode(lowering: Lowering, node: Graph['nodes'][number]): void {
  const lower = lowerings.get(node.kernel);
  if (lower === undefined) {
    throw new BackendError({
      code: 'KERNEL_MISSING',
      message: `onnx: expected a kernel that can be lowered, got '${node.kernel}'`,
      fix: 'Give the op a default (`forward` in its definition)',
    });
  }
  const { inputs, attributes, outputs } = node;
  const operands = inputs.map((view) => lowering.take(view));
  const lowered = isEmptyNode(node)
    ? outputs.map((view) => lowering.splat(view, 0))
    : lower(lowering, operands as never, attributes as never, outputs as never);
  const values = lowered instanceof Value ? [lowered] : lowered;
  outputs.forEach((view, i) => {
    lowering.define(view, values[i]!);
  });
}

function outputSource(graph: Graph, lowering: Lowering, view: GraphView): OutputSource {
  const index = graph.inputs.findIndex((input) => input.id === view.id);
  if (index >= 0) return { kind: 'input', index };
  const constant = graph.constants.find((candidate) => candidate.id === view.id);
  if (constant !== undefined) return { kind: 'constant', data: constant.data };
  if (sizeOf(view.shape) === 0) return { kind: 'splat', value: 0 };
  const operand = lowering.take(view);
  if (operand.value.splat !== undefined) return { kind: 'splat', value: operand.value.splat };
  return { kind: 'model', name: operand.name() };
}

/**
 * Gives outputs names of their own: values that a node makes are renamed, others are copied. (A copy at the end costs
 * the engine a pass over memory, so it is not made without need.)
 */
function nameOutputs(builder: GraphBuilder, sources: readonly OutputSource[]): OutputSource[] {
  const made = new Set(builder.nodes.flatMap((node) => node.outputs));
  const renamed = new Map<string, string>();
  const outputs = sources.map((source, i): OutputSource => {
    if (source.kind !== 'model') return source;
    const name = `output${i}`;
    if (made.has(source.name) && !renamed.has(source.name)) renamed.set(source.name, name);
    else builder.nodes.push({ op: 'Identity', inputs: [source.name], outputs: [name], attributes: {} });
    return { kind: 'model', name };
  });
  const rename = (name: string): string => renamed.get(name) ?? name;
  builder.nodes.forEach((node, i) => {
    builder.nodes[i] = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
  });
  return outputs;
}

/** Places of the nodes that outputs need; others are forms that were made but not used. */
function liveNodes({ nodes }: GraphBuilder, outputs: readonly ModelPort[]): number[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const live: number[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { inputs, outputs: made } = nodes[i]!;
    if (!made.some((name) => needed.has(name))) continue;
    for (const name of inputs) needed.add(name);
    live.push(i);
  }
  return live.reverse();
}
