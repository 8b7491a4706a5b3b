import { add, type Backend, compile, conv2d, type Graph, random, silu, type Tensor, trace } from '@vqkit/core';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { OnnxBackend } from '../backend.ts';
import type { ModelGraph } from '../model/types.ts';
import { onnx } from '../onnx.ts';
import type { Engine } from '../runtime/engine.ts';
import { compileGraph } from './compile-graph.ts';
import { cutModel } from './cut-model.ts';
import type { Dialect } from './lowering.ts';

const dialects: readonly Dialect[] = [0, 16].map((blockSize) => ({
  contrib: true,
  blockSize,
  chunks: true,
  isParallel: false,
}));
const image = { shape: [1, 16, 16, 32], dtype: 'f32' } as const;
const filters = Array.from({ length: 7 }, () => ({ shape: [3, 3, 32, 32], dtype: 'f32' }) as const);
/** Multiplications of one convolution of the stack. */
const work = 16 * 16 * 32 * 9 * 32;

/** Six convolutions in residual pairs, then a seventh. */
function stack(x: Tensor, weights: readonly Tensor[]): Tensor {
  let h = x;
  for (let i = 0; i < 6; i += 2) h = add(h, conv2d(silu(conv2d(silu(h), weights[i]!)), weights[i + 1]!));
  return conv2d(h, weights[6]!);
}

/** Of the network: sums of blocked images are depthwise ones to the engine. */
const convolutions = ({ nodes }: ModelGraph): number =>
  nodes.filter(({ op, attributes: { group } }) => op === 'Conv' && !(group && 'int' in group && group.int > 1)).length;

const never = (): never => {
  throw new Error('nothing runs here');
};
const graphFor = (dialect: Dialect): Graph =>
  trace(
    stack,
    [image, filters],
    new OnnxBackend('onnx', {
      engine: { InferenceSession: { create: never }, Tensor: never as never },
      settings: { executionProvider: 'cpu', threads: 1, memoryArena: true },
      dialect,
      hostWork: 0,
    }),
  );

/** onnxruntime-node that tells of every run. */
function watchedEngine(onRun: () => void): Engine {
  return {
    Tensor: ort.Tensor,
    InferenceSession: {
      async create(bytes: Uint8Array, options: object) {
        const session = await ort.InferenceSession.create(bytes, options);
        const run = (feeds: ort.InferenceSession.FeedsType, fetches: ort.InferenceSession.FetchesType) => {
          onRun();
          return session.run(feeds, fetches);
        };
        return { run, release: () => session.release() };
      },
    },
  };
}

describe('cutModel', () => {
  it.each(dialects)(
    'makes pieces of at most so much work, each from what came before, blocks of $blockSize',
    (dialect) => {
      const { model, facts } = compileGraph(graphFor(dialect), dialect);
      const pieces = cutModel({ model: model!, ...facts }, 2.4 * work);
      expect(pieces.length).toBeGreaterThanOrEqual(3);
      expect(pieces.length).toBeLessThanOrEqual(7);
      const there = new Set(model!.graph.inputs.map(({ name }) => name));
      for (const { graph } of pieces) {
        expect(convolutions(graph)).toBeLessThanOrEqual(2);
        const own = new Set([...there, ...graph.initializers.map(({ name }) => name)]);
        expect(graph.inputs.filter(({ name }) => !there.has(name))).toEqual([]);
        for (const node of graph.nodes) {
          expect(node.inputs.filter((name) => name !== '' && !own.has(name))).toEqual([]);
          for (const name of node.outputs) own.add(name);
        }
        for (const { name } of graph.outputs) there.add(name);
      }
      // Views stand where they are used; all else is there once, in its order.
      const computing = ({ nodes }: ModelGraph) =>
        nodes.filter(({ op }) => op !== 'Reshape').map(({ outputs }) => outputs);
      expect(pieces.flatMap(({ graph }) => computing(graph))).toEqual(computing(model!.graph));
      expect(pieces.at(-1)!.graph.outputs).toEqual(model!.graph.outputs);
      // Behind a pair one image is alive, whatever it is seen as.
      expect(pieces.slice(0, -1).map(({ graph }) => graph.outputs.length)).toEqual([1, 1, 1]);
    },
  );

  it('leaves alone what is less work, and lets a call that is more stand alone', () => {
    const { model, facts } = compileGraph(graphFor(dialects[0]!), dialects[0]!);
    expect(cutModel({ model: model!, ...facts }, 100 * work)).toEqual([model]);
    const single = cutModel({ model: model!, ...facts }, work / 2);
    for (const { graph } of single) expect(convolutions(graph)).toBeLessThanOrEqual(1);
  });
});

describe('a program in pieces', () => {
  const inputs = (backend: Backend): [Tensor, Tensor[]] => [
    random(1).normal(backend, image.shape),
    filters.map(({ shape }, i) => random(2 + i).normal(backend, shape, 0, 0.05)),
  ];

  it('gives the same values, and lets the event loop turn between them', async () => {
    let [runs, turns] = [0, 0];
    const backend = await onnx({ threads: 1, engine: watchedEngine(() => runs++) });
    const whole = await compile(stack)(...inputs(backend)).data();
    const cut = compile(stack, { workPerTurn: 2.4 * work });
    await cut.warmup(...inputs(backend));
    runs = 0;
    const timer = setInterval(() => turns++, 0);
    expect(await cut(...inputs(backend)).data()).toEqual(whole);
    clearInterval(timer);
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(turns).toBeGreaterThan(0);
    backend.dispose();
  });

  it('ends a wait at once, and a run that nobody waits for at the next turn', async () => {
    let runs = 0;
    const controller = new AbortController();
    const onRun = () => ++runs === 2 && setImmediate(() => controller.abort(new Error('enough')));
    const backend = await onnx({ threads: 1, engine: watchedEngine(onRun) });
    const cut = compile(stack, { workPerTurn: work });
    const [x, weights] = inputs(backend);
    await cut.warmup(x, weights);
    runs = 0;
    const y = cut(x, weights);
    const after = cut(y, weights);
    y.dispose();
    await expect(after.data({ signal: controller.signal })).rejects.toThrow('enough');
    after.dispose();
    const seen = runs;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toBeLessThanOrEqual(3);
    expect(runs).toBeLessThanOrEqual(3);
    // Those who still want their results get them.
    expect((await cut(x, weights).data()).length).toBe(16 * 16 * 32);
    await expect(cut(x, weights).data({ signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    backend.dispose();
  });
});
