import {
  add,
  conv2d,
  cpu,
  groupNorm,
  layerNorm,
  linear,
  nearestCode,
  random,
  reshape,
  resize,
  silu,
  softmax,
  type Tensor,
  tensor,
} from '@vqkit/core';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportOnnx } from './export-onnx.ts';

const backend = cpu();
const stream = random(5);

interface Params {
  readonly filter: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly weight: Tensor;
  readonly codebook: Tensor;
}

const params: Params = {
  filter: stream.normal(backend, [3, 3, 3, 8]),
  scale: stream.uniform(backend, [8], 0.5, 1.5),
  shift: stream.normal(backend, [8]),
  weight: stream.normal(backend, [8, 4]),
  codebook: stream.normal(backend, [16, 4]),
};

/** A network with most kinds of layers: images in, indices and scores out. */
function network({ filter, scale, shift, weight, codebook }: Params, x: Tensor) {
  const h = silu(groupNorm(conv2d(x, filter, { strides: 2 }), scale, shift, { groups: 2 }));
  const up = resize(h, { height: x.shape[1]!, width: x.shape[2]!, method: 'nearest' });
  const z = linear(layerNorm(up, scale, shift), weight);
  const { indices } = nearestCode(z, codebook);
  return { indices, scores: softmax(add(reshape(z, [x.shape[0]!, -1]), 1)) };
}

const spec = { shape: [1, 6, 8, 3], dtype: 'f32' } as const;

async function runFile(file: Uint8Array, x: Tensor) {
  const session = await ort.InferenceSession.create(file);
  const image = new ort.Tensor('float32', x.dataSync() as Float32Array, x.shape as number[]);
  const results = await session.run({ image });
  await session.release();
  return { results, session };
}

function expectSame(results: ort.InferenceSession.OnnxValueMapType, x: Tensor): void {
  const expected = network(params, x);
  expect(results.indices!.dims).toEqual(expected.indices.shape);
  expect(results.scores!.dims).toEqual(expected.scores.shape);
  expect(Array.from(results.indices!.data as Int32Array)).toEqual(Array.from(expected.indices.dataSync()));
  const scores = expected.scores.dataSync();
  (results.scores!.data as Float32Array).forEach((value, i) => {
    expect(value).toBeCloseTo(scores[i]!, 5);
  });
}

describe('exportOnnx', () => {
  it('writes a file that onnxruntime loads and that gives our numbers', async () => {
    const options = { inputNames: ['image'], outputNames: ['indices', 'scores'] };
    const file = await exportOnnx(network, [params, spec], options);
    const x = stream.normal(backend, spec.shape);
    const { results, session } = await runFile(file, x);
    expect(session.inputNames).toEqual(['image']);
    expect(session.outputNames).toEqual(['indices', 'scores']);
    expectSame(results, x);
  });

  it('leaves the batch size open', async () => {
    const options = { inputNames: ['image'], outputNames: ['indices', 'scores'], dynamicBatch: true };
    const file = await exportOnnx(network, [params, spec], options);
    for (const n of [1, 3]) {
      const x = stream.normal(backend, [n, 6, 8, 3]);
      const { results, session } = await runFile(file, x);
      expectSame(results, x);
      expect((session.inputMetadata[0] as ort.InferenceSession.TensorValueMetadata).shape).toEqual(['N', 6, 8, 3]);
    }
  });

  it('keeps outputs that need no computing', async () => {
    const fn = (x: Tensor) => ({ same: x, ones: tensor(x.backend, [1, 1, 1]) });
    const file = await exportOnnx(fn, [{ shape: [2], dtype: 'f32' }], { inputNames: ['x'] });
    const session = await ort.InferenceSession.create(file);
    const { same, ones } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(4, 5), [2]) });
    expect(Array.from(same!.data as Float32Array)).toEqual([4, 5]);
    expect(Array.from(ones!.data as Float32Array)).toEqual([1, 1, 1]);
    await session.release();
  });

  it('says so when the batch size cannot be left open', async () => {
    const fn = (x: Tensor) =>
      add(
        x,
        tensor(
          x.backend,
          Float32Array.from({ length: x.size }, (_, i) => i),
        ),
      );
    const result = exportOnnx(fn, [{ shape: [2], dtype: 'f32' }], { inputNames: ['x'], dynamicBatch: true });
    await expect(result).rejects.toMatchObject({ code: 'BATCH_NOT_DYNAMIC' });
  });

  it('refuses names that are missing or occur twice', async () => {
    const names = { inputNames: ['a'], outputNames: ['a'] };
    const result = exportOnnx((x: Tensor) => add(x, 1), [{ shape: [2], dtype: 'f32' }], names);
    await expect(result).rejects.toMatchObject({ code: 'EXPORT_NAMES' });
  });
});
