/**
 * Writes a function as an `.onnx` file: traced, compiled to standard operators only, with the tensors among its
 * arguments stored in the file.
 *
 * ```
 * fn, args → trace → Graph (inputs: specs; constants: tensors) → compile for one or several batch sizes → bytes
 * ```
 */
import { entriesOf, type Graph, isTensor, type SpecTree, type Tensor, type TypedArray, trace } from '@vqkit/core';
import { OnnxBackend } from '../backend.ts';
import { compileGraph } from '../compile/compile-graph.ts';
import type { Dialect } from '../compile/lowering.ts';
import { OnnxError } from '../errors.ts';
import { encodeModel } from '../model/encode.ts';
import type { Model } from '../model/types.ts';
import { joinBatches } from './dynamic-batch.ts';

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Names of the inputs, in the order of the specs among the arguments. Default: their paths, e.g. `1` or `1.image`. */
  readonly inputNames?: readonly string[];
  /** Names of the outputs, in the order of the leaves of the result. Default: their paths, or `output`. */
  readonly outputNames?: readonly string[];
  /** Leave the first axis of all inputs open; it is called `N` in the file. Default false. */
  readonly dynamicBatch?: boolean;
}

const portable: Dialect = { contrib: false, blockSize: 0, chunks: false, isParallel: true };

// Prime and large, so that no other size in a model is mistaken for the batch.
const trialBatches = [1_009, 2_003, 3_001];

/**
 * Exports a pure function over trees of tensors.
 *
 * @param fn  As for `compile`.
 * @param args  Its arguments: tensors are stored in the file, specs `{ shape, dtype }` become its inputs. Images stay
 *   `[N, H, W, C]`; `u32` and `i32` are int32 in the file, `u8` is uint8, `f16` is float16.
 * @returns The file: operator set 21, IR version 10, below 2 GiB.
 * @throws OnnxError `EXPORT_NAMES` when names are missing or occur twice; `BATCH_NOT_DYNAMIC`; and what `trace` throws.
 *
 * @example
 * const image = { shape: [1, 256, 256, 3], dtype: 'f32' } as const;
 * const file = await exportOnnx(decoder, [params, image], { inputNames: ['image'], dynamicBatch: true });
 * await writeFile('decoder.onnx', file);
 */
export async function exportOnnx(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: ExportOnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const values = await valuesOf(args);
  const modelOf = (sized: unknown): Model => {
    const graph = withConstants(trace(fn, sized as readonly SpecTree[], portableTarget()), values);
    return named(compileGraph(graph, portable, true).model!, graph, options);
  };
  if (!options.dynamicBatch) return encodeModel(modelOf(args));
  const models = trialBatches.map((batch) => ({ batch, model: modelOf(withBatch(args, batch)) }));
  return encodeModel(joinBatches(models));
}

/** A backend that says which composite ops can be written, and computes nothing. */
function portableTarget(): OnnxBackend {
  const never = (): never => {
    throw new OnnxError({
      code: 'EXPORT_COMPUTES',
      message: 'exportOnnx: expected a function of its arguments, got one that computes with other tensors',
      fix: 'Pass them as arguments',
    });
  };
  const engine = { InferenceSession: { create: never }, Tensor: never as never };
  const settings = { executionProvider: 'cpu', threads: undefined, memoryArena: false } as const;
  return new OnnxBackend('onnx', { engine, settings, dialect: portable, hostWork: 0 });
}

/** Host values of the tensors among the arguments, by path. */
async function valuesOf(args: readonly unknown[]): Promise<ReadonlyMap<string, TypedArray>> {
  const tensors = entriesOf(args).filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  return new Map(await Promise.all(tensors.map(async ([path, x]) => [path, await x.data()] as const)));
}

function withConstants(graph: Graph, values: ReadonlyMap<string, TypedArray>): Graph {
  const stored = graph.inputs.flatMap((port) => {
    const data = values.get(port.name);
    return data === undefined ? [] : [{ ...port, data }];
  });
  const inputs = graph.inputs.filter(({ name }) => !values.has(name));
  return { ...graph, inputs, constants: [...graph.constants, ...stored] };
}

/** The arguments with another first axis for every spec. */
function withBatch(tree: unknown, batch: number): unknown {
  if (isTensor(tree) || typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((child) => withBatch(child, batch));
  if ('shape' in tree && 'dtype' in tree) return { ...tree, shape: [batch, ...(tree.shape as number[]).slice(1)] };
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, withBatch(child, batch)]));
}

function named(model: Model, graph: Graph, options: ExportOnnxOptions): Model {
  const inputNames = options.inputNames ?? graph.inputs.map(({ name }) => name);
  const outputNames = options.outputNames ?? graph.outputs.map(({ name }) => name);
  const { inputs, outputs, nodes } = model.graph;
  const names = [...inputNames, ...outputNames];
  const isNamed = inputNames.length === inputs.length && outputNames.length === outputs.length;
  if (!isNamed || new Set(names).size < names.length || names.includes('')) {
    throw new OnnxError({
      code: 'EXPORT_NAMES',
      message: `exportOnnx: expected ${inputs.length} names of inputs and ${outputs.length} of outputs, all different, got [${inputNames}] and [${outputNames}]`,
      fix: 'Give inputNames in the order of the specs and outputNames in the order of the results',
    });
  }
  const renamed = new Map([
    ...inputs.map(({ name }, i) => [name, inputNames[i]!] as const),
    ...outputs.map(({ name }, i) => [name, outputNames[i]!] as const),
  ]);
  const rename = (name: string): string => renamed.get(name) ?? name;
  return {
    ...model,
    graph: {
      ...model.graph,
      nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
      inputs: inputs.map((port) => ({ ...port, name: rename(port.name) })),
      outputs: outputs.map((port) => ({ ...port, name: rename(port.name) })),
    },
  };
}
