/**
 * onnxruntime's WebGPU provider in Node, with graphs as one would write them for it (NCHW, constant weights). Its Node
 * binding takes inputs from the host at every run, so their upload is part of its time.
 */
import { exportOnnx } from '@vqkit/backend-onnx';
import { encodeModel, GraphBuilder } from '@vqkit/backend-onnx/model';
import { cpu, type SpecTree, type Tensor, uploadTree } from '@vqkit/core';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Contestant, Prepared } from './contestant.ts';
import type { Decoder } from './decoder.ts';
import { type BenchWork, epsilon, inputsOf } from './items.ts';
import { fromNchw, toNchw, turnFilter } from './layout.ts';

interface Port {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

interface Built {
  readonly model: Uint8Array;
  readonly feeds: readonly Port[];
  readonly channels?: number;
}

/** A model whose inputs are fed and whose one output is `y`. */
function build(feeds: readonly Port[], make: (g: GraphBuilder) => string, isIndex = false): Uint8Array {
  const g = new GraphBuilder();
  const result = make(g);
  g.nodes.push({ op: 'Identity', inputs: [result], outputs: ['y'], attributes: {} });
  return encodeModel({
    irVersion: 10,
    opsets: { '': 21, 'com.microsoft': 1 },
    producer: 'bench',
    graph: {
      name: 'bench',
      nodes: g.nodes,
      initializers: g.initializers,
      inputs: feeds.map(({ name, dims }) => ({ name, type: 'float', dims })),
      outputs: [{ name: 'y', type: isIndex ? 'int64' : 'float', dims: ['a', 'b', 'c', 'd'].slice(0, isIndex ? 1 : 0) }],
    },
  });
}

function groupNormOf(
  g: GraphBuilder,
  work: BenchWork & { kind: 'groupNorm' },
  scale: Float32Array,
  shift: Float32Array,
): string {
  const { size, channels, groups } = work;
  const ones = g.constant(new Float32Array(groups).fill(1), [groups], 'float');
  const zeros = g.constant(new Float32Array(groups), [groups], 'float');
  const grouped = g.op('Reshape', ['x', g.ints([1, groups, -1])]);
  const normal = g.op('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: epsilon } });
  const image = g.op('Reshape', [normal, g.ints([1, channels, size, size])]);
  const vector = (data: Float32Array): string => g.constant(data, [channels, 1, 1], 'float');
  const affine = g.op('Add', [g.op('Mul', [image, vector(scale)]), vector(shift)]);
  return g.op('Mul', [affine, g.op('Sigmoid', [affine])]);
}

function builtFor(work: Exclude<BenchWork, { kind: 'decode' | 'nearestCode' }>): Built {
  const inputs = inputsOf(work);
  switch (work.kind) {
    case 'conv': {
      const { size, channels } = work;
      const feeds = [{ name: 'x', dims: [1, channels, size, size], data: toNchw(inputs[0]!, channels) }];
      const filter = turnFilter(inputs[1]!, channels);
      const model = build(feeds, (g) =>
        g.op('Conv', ['x', g.constant(filter, [channels, channels, 3, 3], 'float')], { pads: { ints: [1, 1, 1, 1] } }),
      );
      return { model, feeds, channels };
    }
    case 'matmul': {
      const dims = [work.size, work.size];
      const feeds = [{ name: 'x', dims, data: inputs[0]! }];
      return { model: build(feeds, (g) => g.op('MatMul', ['x', g.constant(inputs[1]!, dims, 'float')])), feeds };
    }
    case 'groupNorm': {
      const { size, channels } = work;
      const feeds = [{ name: 'x', dims: [1, channels, size, size], data: toNchw(inputs[0]!, channels) }];
      return { model: build(feeds, (g) => groupNormOf(g, work, inputs[1]!, inputs[2]!)), feeds, channels };
    }
    case 'attention': {
      const dims = [work.heads, work.tokens, work.depth];
      const feeds = ['q', 'k', 'v'].map((name, i) => ({ name, dims, data: inputs[i]! }));
      const scale = new Float32Array([1 / Math.sqrt(work.depth)]);
      const model = build(feeds, (g) => {
        const scores = g.op('MatMul', ['q', g.op('Transpose', ['k'], { perm: { ints: [0, 2, 1] } })]);
        const weights = g.op('Softmax', [g.op('Mul', [scores, g.constant(scale, [], 'float')])], { axis: { int: -1 } });
        return g.op('MatMul', [weights, 'v']);
      });
      return { model, feeds };
    }
  }
}

/** Rows of distances at a time. */
const chunkRows = 16_384;

function nearestModel(work: BenchWork & { kind: 'nearestCode' }, codebook: Float32Array): Uint8Array {
  const { codes, depth } = work;
  const turned = Float32Array.from(codebook, (_, i) => codebook[(i % codes) * depth + Math.floor(i / codes)]! * 2);
  const norms = Float32Array.from({ length: codes }, (_, code) =>
    codebook.subarray(code * depth, (code + 1) * depth).reduce((sum, c) => sum + c * c, 0),
  );
  const feed = { name: 'x', dims: [chunkRows, depth], data: codebook };
  const distances = (g: GraphBuilder): string =>
    g.op('Sub', [
      g.constant(norms, [codes], 'float'),
      g.op('MatMul', ['x', g.constant(turned, [depth, codes], 'float')]),
    ]);
  return build([feed], (g) => g.op('ArgMin', [distances(g)], { axis: { int: 1 }, keepdims: { int: 0 } }), true);
}

async function open(model: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(model, { executionProviders: ['webgpu'], logSeverityLevel: 3 });
}

async function prepareNearest(work: BenchWork & { kind: 'nearestCode' }): Promise<Prepared> {
  const [x, codebook] = inputsOf(work) as [Float32Array, Float32Array];
  const session = await open(nearestModel(work, codebook));
  const run = async (): Promise<ArrayLike<number>> => {
    const result = new Float64Array(work.vectors);
    for (let start = 0; start < work.vectors; start += chunkRows) {
      const rows = x.subarray(start * work.depth, (start + chunkRows) * work.depth);
      const { y } = await session.run({ x: new OrtTensor('float32', rows, [chunkRows, work.depth]) });
      result.set(Float64Array.from(y!.data as BigInt64Array, Number), start);
    }
    return result;
  };
  return { run, dispose: () => void session.release() };
}

async function prepareDecode(work: BenchWork & { kind: 'decode' }, decoder: Decoder): Promise<Prepared> {
  const shape = [1, work.height / 16, work.width / 16, 16];
  const host = cpu();
  const params = uploadTree(host, decoder.params);
  const decode = (p: unknown, z: Tensor): Tensor => decoder.decode(p as never, z);
  const spec: SpecTree = { shape, dtype: 'f32' };
  const model = await exportOnnx(decode as never, [params, spec], { inputNames: ['z'], outputNames: ['y'] });
  host.dispose();
  const session = await open(model);
  const z = new OrtTensor('float32', inputsOf(work)[0]!, shape);
  return {
    run: async () => (await session.run({ z })).y!.data as Float32Array,
    dispose: () => void session.release(),
  };
}

/** onnxruntime as a contestant. */
export function onnxruntime(decoder: Decoder): Contestant {
  return {
    name: 'onnxruntime',
    prepare: async (work): Promise<Prepared> => {
      if (work.kind === 'decode') return prepareDecode(work, decoder);
      if (work.kind === 'nearestCode') return prepareNearest(work);
      const { model, feeds, channels } = builtFor(work);
      const session = await open(model);
      const values = Object.fromEntries(
        feeds.map(({ name, dims, data }) => [name, new OrtTensor('float32', data, [...dims])]),
      );
      return {
        run: async () => (await session.run(values)).y!.data as Float32Array,
        arrange: (result) => (channels === undefined ? result : fromNchw(result, channels)),
        dispose: () => void session.release(),
      };
    },
  };
}
