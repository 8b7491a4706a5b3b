/**
 * One generator for all elementwise kernels: a small expression graph over broadcast inputs becomes one shader. A single
 * `add` is a graph of one node; `compile` hands over whole chains.
 */
import {
  broadcastStrides,
  type DType,
  type MergedAxes,
  mergeAxes,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
  type TensorSpec,
} from '@vqkit/core';
import type { BufferRef, Step } from '../plan.ts';
import {
  elementsPerWord,
  loadElement,
  loadFour,
  packFour,
  packWord,
  registerType,
  storageType,
  type Width,
} from '../wgsl/elements.ts';
import { type ElementOp, expressionOf } from '../wgsl/expressions.ts';
import { type FunctionName, functionTexts } from '../wgsl/functions.ts';
import { type Binding, f32, i32, type Parameter, reads, threadStep, u32, unroll, writes } from '../wgsl/shader.ts';

/** An operation on values: numbers below the input count are inputs, then come the nodes in order. */
export interface ElementNode {
  readonly op: ElementOp;
  readonly arguments: readonly number[];
  readonly dtype: DType;
}

/** An input: a buffer, or one number that all elements see. */
export type ElementInput =
  | (TensorSpec & { readonly buffer: BufferRef })
  | { readonly dtype: DType; readonly value: number };

/** A graph of elementwise operations, all of one shape. */
export interface ElementGraph {
  readonly label: string;
  readonly shape: Shape;
  readonly inputs: readonly ElementInput[];
  readonly nodes: readonly ElementNode[];
  /** Which values are written, and where. */
  readonly outputs: readonly { readonly value: number; readonly buffer: BufferRef }[];
}

const dtypeOf = (graph: ElementGraph, value: number): DType =>
  value < graph.inputs.length ? graph.inputs[value]!.dtype : graph.nodes[value - graph.inputs.length]!.dtype;

/** How an input is read: `full` at the output's own index, `once` for a scalar, else through its strides. */
type Access = 'full' | 'once' | 'strided';

function accessOf({ sizes, strides }: MergedAxes, input: number): Access {
  if (strides[input]!.every((stride) => stride === 0)) return 'once';
  return sameShape(strides[input]!, stridesOf(sizes)) ? 'full' : 'strided';
}

/** Whether four neighbours along the innermost axis can be handled together. */
function isFourWide({ sizes, strides }: MergedAxes): boolean {
  const innermost = sizes.at(-1) ?? 1;
  return innermost % 4 === 0 && strides.every((own) => (own.at(-1) ?? 0) <= 1);
}

/**
 * The dispatch of an elementwise graph.
 *
 * @param graph  Of a shape that is not empty.
 */
export function elementwiseStep(graph: ElementGraph): Step {
  const axes = mergeAxes(
    graph.shape,
    graph.inputs.map((x) => broadcastStrides('value' in x ? [] : x.shape, graph.shape)),
  );
  const outputTypes = graph.outputs.map(({ value }) => dtypeOf(graph, value));
  const width: Width = isFourWide(axes) ? 4 : 1;
  // Where rows are not whole vec4s, an invocation still writes whole words of packed outputs.
  const perThread = width === 4 ? 4 : Math.max(...outputTypes.map(elementsPerWord));
  const count = sizeOf(graph.shape);
  const threads = Math.ceil(count / perThread);
  const params: Record<string, Parameter> = {};
  const accesses = graph.inputs.map((_, i) => accessOf(axes, i));
  if (width === 1 && perThread > 1) params.count = u32(count);
  graph.inputs.forEach((x, i) => {
    if ('value' in x) params[`number${i}`] = numberParam(x.dtype, x.value);
  });
  if (accesses.includes('strided')) addStrides(params, axes, accesses, width);
  const bindings: Binding[] = [
    ...graph.inputs.flatMap((x, i) => {
      if ('value' in x) return [];
      const element = storageType(x.dtype, isSplat(axes, accesses, i, width) ? 1 : width);
      return [reads(`x${i}`, x.buffer, element)];
    }),
    ...graph.outputs.map(({ buffer }, k) => writes(`y${k}`, buffer, storageType(outputTypes[k]!, width))),
  ];
  const functions = new Set<FunctionName>();
  const body =
    width === 4 || perThread === 1
      ? `let i = thread;\n${valuesText(graph, axes, accesses, width, 'i', '', functions)}\n${graph.outputs
          .map(({ value }, k) => `y${k}[i] = ${width === 4 ? packFour(outputTypes[k]!, `v${value}`) : `v${value}`};`)
          .join('\n')}`
      : wordsText(graph, axes, accesses, outputTypes, perThread, functions);
  const declarations = functionTexts(functions, width);
  return threadStep({ label: graph.label, threads, bindings, params, declarations, body });
}

function numberParam(dtype: DType, value: number): Parameter {
  if (dtype === 'f32') return f32(value);
  // As typed arrays store numbers: whole, wrapped.
  return dtype === 'i32' ? i32(value | 0) : u32(dtype === 'u8' ? value & 255 : value >>> 0);
}

/** Whether an input is read as one element that all four lanes share. */
function isSplat(axes: MergedAxes, accesses: readonly Access[], input: number, width: Width): boolean {
  return width === 4 && accesses[input] !== 'full' && (axes.strides[input]!.at(-1) ?? 0) === 0;
}

function addStrides(
  params: Record<string, Parameter>,
  { sizes, strides }: MergedAxes,
  accesses: readonly Access[],
  width: Width,
): void {
  sizes.forEach((n, axis) => {
    const isInnermost = axis === sizes.length - 1;
    // The outermost coordinate is what is left: it needs no division.
    if (axis > 0) params[`size${axis}`] = u32(isInnermost ? n / width : n);
    strides.forEach((own, i) => {
      if (accesses[i] !== 'strided') return;
      const unit = own.at(-1) === 1 ? width : 1;
      params[`stride${i}_${axis}`] = u32(isInnermost ? own[axis]! : own[axis]! / unit);
    });
  });
}

/** Statements that load the inputs for position `i` and compute all nodes into `v0…`, with a suffix to the names. */
function valuesText(
  graph: ElementGraph,
  axes: MergedAxes,
  accesses: readonly Access[],
  width: Width,
  index: string,
  suffix: string,
  functions: Set<FunctionName>,
): string {
  const lines: string[] = [];
  const rank = axes.sizes.length;
  if (accesses.includes('strided')) {
    lines.push(`var rest${suffix} = ${index};`);
    for (let axis = rank - 1; axis > 0; axis--) {
      lines.push(`let at${axis}${suffix} = rest${suffix} % params.size${axis}; rest${suffix} /= params.size${axis};`);
    }
    lines.push(`let at0${suffix} = rest${suffix};`);
  }
  graph.inputs.forEach((x, i) => {
    const { dtype } = x;
    if ('value' in x) {
      lines.push(`let v${i}${suffix} = ${registerType(dtype, width)}(params.number${i});`);
      return;
    }
    const offset =
      accesses[i] === 'full'
        ? index
        : accesses[i] === 'once'
          ? '0u'
          : unroll(rank, (axis) => `at${axis}${suffix} * params.stride${i}_${axis}`, ' + ');
    const isShared = isSplat(axes, accesses, i, width);
    const loaded = width === 4 && !isShared ? loadFour(`x${i}`, dtype, offset) : loadElement(`x${i}`, dtype, offset);
    lines.push(`let v${i}${suffix} = ${isShared ? `${registerType(dtype, width)}(${loaded})` : loaded};`);
  });
  graph.nodes.forEach((node, n) => {
    const operands = node.arguments.map((value) => ({ name: `v${value}${suffix}`, dtype: dtypeOf(graph, value) }));
    const { text, functions: called } = expressionOf(node.op, operands, node.dtype, width);
    for (const name of called) functions.add(name);
    lines.push(`let v${graph.inputs.length + n}${suffix} = ${text};`);
  });
  return lines.join('\n');
}

/** Elements one by one, but as many per invocation as the most packed output has in a word. */
function wordsText(
  graph: ElementGraph,
  axes: MergedAxes,
  accesses: readonly Access[],
  outputTypes: readonly DType[],
  perThread: number,
  functions: Set<FunctionName>,
): string {
  const loads = unroll(perThread, (e) => {
    // Past the end the last element is computed again; it goes nowhere that matters.
    const clamped = `let i_${e} = min(thread * ${perThread}u + ${e}u, params.count - 1u);`;
    return `${clamped}\n${valuesText(graph, axes, accesses, 1, `i_${e}`, `_${e}`, functions)}`;
  });
  const stores = graph.outputs.map(({ value }, k) => {
    const dtype = outputTypes[k]!;
    const perWord = elementsPerWord(dtype);
    return unroll(perThread / perWord, (w) => {
      const names = Array.from({ length: perWord }, (_, e) => `v${value}_${w * perWord + e}`);
      const at = `thread * ${perThread / perWord}u + ${w}u`;
      const store = `y${k}[${at}] = ${packWord(dtype, names)};`;
      return w === 0 ? store : `if (thread * ${perThread}u + ${w * perWord}u < params.count) { ${store} }`;
    });
  });
  return [loads, ...stores].join('\n');
}
