/**
 * A model whose batch size is free. The same function is compiled for several batch sizes N; where a list of integers
 * differs, it must be α + β·N, and is computed from the first input when the model runs.
 */
import { exactJson } from '@vqkit/core';
import { OnnxError } from '../errors.ts';
import type { Model, ModelNode, ModelPort, ModelTensor } from '../model/types.ts';

/** Name of the free dimension. */
const batchSymbol = 'N';

/** A model compiled for one batch size. */
export interface SizedModel {
  readonly batch: number;
  readonly model: Model;
}

/**
 * Joins models of one function into one for every batch size.
 *
 * @param models  At least three, for distinct batch sizes: two give α and β, the others confirm them.
 * @throws OnnxError `BATCH_NOT_DYNAMIC` when something else than whole numbers linear in N depends on the batch size.
 */
export function joinBatches(models: readonly SizedModel[]): Model {
  const [first] = models as [SizedModel];
  const { graph } = first.model;
  if (models.some(({ model }) => exactJson(model.graph.nodes) !== exactJson(graph.nodes))) {
    throw notDynamic('the steps of the computation');
  }
  const extra: ModelNode[] = [];
  const initializers: ModelTensor[] = [];
  graph.initializers.forEach((tensor, i) => {
    const versions = models.map(({ model }) => model.graph.initializers[i]!);
    if (versions.every((version) => sameTensor(version, tensor))) initializers.push(tensor);
    else {
      const { nodes, constants } = computedList(
        tensor.name,
        versions,
        models.map((sized) => sized.batch),
      );
      extra.push(...nodes);
      initializers.push(...constants);
    }
  });
  const nodes = [...(extra.length > 0 ? [batchNode(graph.inputs[0]!.name)] : []), ...extra, ...graph.nodes];
  return {
    ...first.model,
    graph: {
      ...graph,
      nodes,
      initializers,
      inputs: joinPorts(models, ({ inputs }) => inputs),
      outputs: joinPorts(models, ({ outputs }) => outputs),
    },
  };
}

function sameTensor(a: ModelTensor, b: ModelTensor): boolean {
  return a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

/** A node that gives N as int64 `[1]`. */
function batchNode(input: string): ModelNode {
  const attributes = { start: { int: 0 }, end: { int: 1 } };
  return { op: 'Shape', inputs: [input], outputs: ['batch'], attributes };
}

/** α + β·N for each place of a list. */
function computedList(
  name: string,
  versions: readonly ModelTensor[],
  batches: readonly number[],
): { nodes: ModelNode[]; constants: ModelTensor[] } {
  const [{ dims }] = versions as [ModelTensor];
  if (
    versions.some((version) => version.type !== 'int64' || version.dims.length !== 1 || version.dims[0] !== dims[0])
  ) {
    throw notDynamic('constants');
  }
  const lists = versions.map(({ bytes }) => [...new BigInt64Array(bytes.slice().buffer)].map(Number));
  const [a, b] = lists as [number[], number[]];
  const [n, m] = batches as [number, number];
  const slopes = a.map((value, i) => (b[i]! - value) / (m - n));
  const offsets = a.map((value, i) => value - slopes[i]! * n);
  const isLinear = lists.every((list, k) => list.every((value, i) => value === offsets[i]! + slopes[i]! * batches[k]!));
  if (!isLinear || !slopes.every(Number.isInteger)) throw notDynamic('sizes that are not linear in it');
  const constant = (suffix: string, values: readonly number[]): ModelTensor => ({
    name: `${name}_${suffix}`,
    type: 'int64',
    dims: [values.length],
    bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const [slope, offset, scaled] = [`${name}_slope`, `${name}_offset`, `${name}_scaled`];
  return {
    constants: [constant('slope', slopes), constant('offset', offsets)],
    nodes: [
      { op: 'Mul', inputs: ['batch', slope], outputs: [scaled], attributes: {} },
      { op: 'Add', inputs: [scaled, offset], outputs: [name], attributes: {} },
    ],
  };
}

function joinPorts(
  models: readonly SizedModel[],
  portsOf: (graph: Model['graph']) => readonly ModelPort[],
): ModelPort[] {
  const versions = models.map(({ batch, model }) => ({ batch, ports: portsOf(model.graph) }));
  return versions[0]!.ports.map((port, i) => ({
    ...port,
    dims: port.dims.map((size, axis) => {
      const sizes = versions.map(({ ports }) => ports[i]!.dims[axis]!);
      if (sizes.every((other) => other === size)) return size;
      return sizes.every((other, k) => other === versions[k]!.batch) ? batchSymbol : `${port.name}_${axis}`;
    }),
  }));
}

function notDynamic(what: string): OnnxError {
  return new OnnxError({
    code: 'BATCH_NOT_DYNAMIC',
    message: `exportOnnx: expected a function whose batch size can be left open, got one where ${what} depend on it`,
    fix: 'Export with a fixed batch size, without dynamicBatch',
  });
}
