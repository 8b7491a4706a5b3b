import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../model/builder.ts';
import { encodeModel } from '../model/encode.ts';
import { type TransposeContext, transposed } from './transpose.ts';
import { modelOf as wholeModel } from './versions.ts';

type Case = readonly [dims: readonly number[], perm: readonly number[], transposes: number];

/** The model of one rearrangement, and how often it uses Transpose. */
function modelOf(dims: readonly number[], perm: readonly number[], dialect: TransposeContext['dialect']) {
  const g = new GraphBuilder();
  g.nodes.push({
    op: 'Identity',
    inputs: [transposed({ dialect, g }, 'x', dims, perm)],
    outputs: ['y'],
    attributes: {},
  });
  const outputs = [{ name: 'y', type: 'float' as const, dims: perm.map((axis) => dims[axis]!) }];
  const inputs = [{ name: 'x', type: 'float' as const, dims }];
  const graph = { name: 'test', nodes: g.nodes, initializers: g.initializers, inputs, outputs };
  const bytes = encodeModel(wholeModel(graph));
  return { bytes, transposes: g.nodes.filter(({ op }) => op === 'Transpose').length };
}

function expected(x: Float32Array, dims: readonly number[], perm: readonly number[]): Float32Array {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  return x.map((_, i) => {
    let [rest, place] = [i, 0];
    for (const axis of [...perm].reverse()) {
      place += (rest % dims[axis]!) * strides[axis]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    return x[place]!;
  });
}

describe('transposed', () => {
  it.each<Case>([
    [[5, 7], [1, 0], 1],
    [[4, 1, 6], [2, 1, 0], 1], // axes of one element do not count
    [[3, 4, 5], [1, 2, 0], 1], // nor do those that stay together
    [[3, 4, 5], [1, 0, 2], 1], // runs
    [[9, 32, 48], [0, 2, 1], 1], // a few matrices
    [[40, 16, 16], [0, 2, 1], 2], // many small ones
    [[9, 12, 16], [2, 1, 0], 2],
    [[9, 2, 16, 3, 16], [1, 3, 0, 4, 2], 2],
    [[6, 2, 2, 4, 8], [0, 3, 1, 4, 2], 1], // pixelShuffle: two rows are joined
    [[6, 4, 4, 4, 8], [0, 3, 1, 4, 2], 2], // by four
    [[6, 4, 2, 8, 2], [0, 2, 4, 1, 3], 1], // pixelUnshuffle: the last axis is split
    [[2, 3, 4, 5], [3, 2, 1, 0], 1],
  ])('moves %j by %j', async (dims, perm, transposes) => {
    const x = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i);
    const values = [...expected(x, dims, perm)];
    const model = modelOf(dims, perm, { contrib: true, isParallel: true });
    expect(model.transposes).toBe(transposes);
    for (const { bytes } of [model, modelOf(dims, perm, { contrib: false, isParallel: true })]) {
      const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
      const { y } = await session.run({ x: new ort.Tensor('float32', x, dims) });
      expect([...(y!.data as Float32Array)]).toEqual(values);
      await session.release();
    }
  });

  it('leaves matrices of a batch to the engine where it uses one thread', () => {
    const { transposes } = modelOf([40, 16, 16], [0, 2, 1], { contrib: true, isParallel: false });
    expect(transposes).toBe(1);
  });
});
