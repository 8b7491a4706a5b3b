import {
  adam,
  add,
  compile,
  cpu,
  disposeTree,
  mean,
  random,
  square,
  sub,
  type Tensor,
  tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { cvqAnchors, deadCodes, ema, fixed, learned, startCodebook } from '@vqkit/core/codebook';
import { describe, expect, it } from 'vitest';
import { type VqParams, vq } from './vq.ts';

const backend = cpu();
const codes = tensor(backend, [0, 0, 1, 1, -2, 3], [3, 2]);

describe('the worked example: codes (0, 0), (1, 1), (−2, 3)', () => {
  const quantizer = vq({ codes: 3, dimension: 2 });
  const z = tensor(backend, [0.4, 0.4, 0.6, 0.6, -2, 1], [1, 1, 3, 2]);

  it('chooses the nearest codes', () => {
    const { quantized, indices } = quantizer.quantize(quantizer.withCodebook(codes), z);
    expect([...indices.dataSync()]).toEqual([0, 1, 2]);
    expect([...quantized.dataSync()]).toEqual([0, 0, 1, 1, -2, 3]);
    expect(indices.shape).toEqual([1, 1, 3, 1]);
  });

  it('has the losses of the paper', () => {
    const { losses } = quantizer.quantize(quantizer.withCodebook(codes), z);
    const meanSquare = (4 * 0.16 + 4) / 6;
    expect(losses.commitment!.dataSync()[0]).toBeCloseTo(0.25 * meanSquare, 6);
    expect(losses.codebook!.dataSync()[0]).toBeCloseTo(meanSquare, 6);
  });

  it('chooses by angle for the cosine metric and still returns the code itself', () => {
    const byAngle = vq({ codes: 3, dimension: 2, metric: 'cosine' });
    const far = tensor(backend, [100, 100, -0.2, 0.3], [1, 1, 2, 2]);
    const { quantized, indices } = byAngle.quantize(byAngle.withCodebook(codes), far);
    expect([...indices.dataSync()]).toEqual([1, 2]);
    expect([...quantized.dataSync()]).toEqual([1, 1, -2, 3]);
  });
});

it('trains the codes by the codebook loss and the features by commitment and straight-through', () => {
  const quantizer = vq({ codes: 1, dimension: 1, commitment: 0.5 });
  const z = tensor(backend, [3], [1, 1, 1, 1]);
  const { gradients } = valueAndGrad((p: { z: Tensor; params: VqParams }) => {
    const { quantized, losses } = quantizer.quantize(p.params, p.z);
    return add(add(losses.commitment!, losses.codebook!), quantized);
  })({ z, params: quantizer.withCodebook(tensor(backend, [1], [1, 1])) });
  expect(gradients.params.codebook.dataSync()[0]).toBeCloseTo(2 * (1 - 3), 6); // d(q − z)²/dq
  expect(gradients.z.dataSync()[0]).toBeCloseTo(1 + 0.5 * 2 * (3 - 1), 6); // straight-through 1, commitment 2
});

it('has gradients of zero for what they do not train, so that Adam leaves it bit for bit', () => {
  const optimizer = adam<VqParams>();
  for (const options of [{ codebook: fixed() }, { codebook: ema(), revival: deadCodes() }]) {
    const quantizer = vq({ codes: 4, dimension: 2, start: 'normal', ...options });
    const params = quantizer.init(backend, 1);
    const z = random(2).normal(backend, [1, 2, 2, 2]);
    const { gradients } = valueAndGrad((own: VqParams) => quantizer.quantize(own, z).losses.commitment!)(params);
    const { params: stepped } = optimizer.update(params, gradients, optimizer.init(params), 0.1);
    const values = (tree: VqParams) => tensorsOf(tree).map((x) => x.dataSync());
    expect(values(stepped)).toEqual(values(params));
  }
});

it('starts its codes by k-means on features', async () => {
  const quantizer = vq({ codes: 2, dimension: 1, codebook: ema() });
  const features = tensor(backend, [1, 1.2, 5, 5.2], [1, 2, 2, 1]);
  const { codebook, average } = await startCodebook(quantizer, features, { seed: 1 });
  expect([...codebook.dataSync()].map((x) => Math.round(x * 10) / 10).sort()).toEqual([1.1, 5.1]);
  expect(average!.sums.dataSync()).toEqual(codebook.dataSync());
  expect(features.isDisposed).toBe(false);
  await expect(startCodebook(quantizer, tensor(backend, [1, 2], [1, 2]))).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
  });
});

it('brings a collapsed codebook to full use by revival', () => {
  // All codes far away from the data: without revival one code takes everything.
  const data = random(1).normal(backend, [4, 8, 8, 2]);
  const far = tensor(backend, random(2).normalArray(32, 50, 0.1), [16, 2]);
  const usedAfter = (revival: ReturnType<typeof deadCodes> | undefined): number => {
    const quantizer = vq({ codes: 16, dimension: 2, codebook: ema({ decay: 0.9 }), revival });
    let params = quantizer.withCodebook(far);
    for (let step = 0; step < 60; step++) {
      const { statistics } = quantizer.quantize(params, data);
      params = quantizer.update(params, statistics, { key: tensor(backend, random(step).bits(2)) });
    }
    return new Set(quantizer.encode(params, data).dataSync()).size;
  };
  expect(usedAfter(undefined)).toBeLessThan(6);
  expect(usedAfter(deadCodes({ decay: 0.9 }))).toBe(16);
  expect(usedAfter(cvqAnchors({ kind: 'random', decay: 0.9 }))).toBe(16);
});

it('compiles a whole training step, revival included, and trains as without compiling', () => {
  const quantizer = vq({ codes: 8, dimension: 2, codebook: learned(), revival: cvqAnchors({ kind: 'random' }) });
  const optimizer = adam<VqParams>();
  const step = (params: VqParams, state: ReturnType<typeof optimizer.init>, z: Tensor, key: Tensor) => {
    const { value, gradients, aux } = valueAndGrad((p: VqParams) => {
      const { losses, statistics } = quantizer.quantize(p, z);
      return { loss: add(losses.commitment!, losses.codebook!), aux: statistics };
    })(params);
    const stepped = optimizer.update(params, gradients, state, 1e-2);
    return { value, params: quantizer.update(stepped.params, aux, { key }), state: stepped.state };
  };
  const run = (body: typeof step): { loss: number; codebook: Float32Array } => {
    let params = quantizer.init(backend, 5);
    let state = optimizer.init(params);
    let loss = 0;
    for (let i = 0; i < 4; i++) {
      const z = random(i).normal(backend, [1, 4, 4, 2]);
      const out = body(params, state, z, tensor(backend, random(i).bits(2)));
      ({ params, state } = out);
      loss = out.value.dataSync()[0]!;
    }
    return { loss, codebook: params.codebook.dataSync() as Float32Array };
  };
  expect(run(compile(step))).toEqual(run(step));
});

it('gives update results that stay valid when the old parameters are freed', () => {
  const own = cpu();
  for (const codebook of [learned(), fixed(), ema()]) {
    const quantizer = vq({ codes: 4, dimension: 2, codebook, revival: deadCodes() });
    const params = quantizer.init(own, 1);
    const z = random(1).normal(own, [1, 2, 2, 2]);
    const result = quantizer.quantize(params, z);
    const updated = quantizer.update(params, result.statistics, { key: tensor(own, random(1).bits(2)) });
    disposeTree([params, result]);
    expect(updated.codebook.dataSync()).toHaveLength(8);
  }
});

it('draws codes by softmax(−‖z − c‖²/T) with a key, and takes the nearest without', () => {
  const quantizer = vq({ codes: 3, dimension: 1, temperature: 2 });
  const params = quantizer.withCodebook(tensor(backend, [0, 1, 2], [3, 1]));
  const z = tensor(backend, new Float32Array(6000), [1, 1, 6000, 1]);
  expect(new Set(quantizer.quantize(params, z).indices.dataSync())).toEqual(new Set([0]));
  const hits = [0, 0, 0];
  for (const index of quantizer.quantize(params, z, { key: tensor(backend, random(1).bits(2)) }).indices.dataSync())
    hits[index]!++;
  const odds = [1, Math.exp(-1 / 2), Math.exp(-4 / 2)];
  const total = odds.reduce((a, b) => a + b);
  // 6000 draws: standard deviation below √1500 ≈ 39
  for (const [k, n] of hits.entries()) expect(Math.abs(n - (6000 * odds[k]!) / total)).toBeLessThan(160);
});

it('puts vectors and codes on the unit sphere by the spherical metric', () => {
  const quantizer = vq({ codes: 2, dimension: 2, metric: 'spherical' });
  const params = quantizer.withCodebook(tensor(backend, [10, 0, 0, 0.1], [2, 2]));
  const z = tensor(backend, [3, 4, 300, 400, 9, 1], [1, 1, 3, 2]);
  const { quantized, indices, losses } = quantizer.quantize(params, z);
  expect([...indices.dataSync()]).toEqual([1, 1, 0]);
  expect([...quantized.dataSync()]).toEqual([0, 1, 0, 1, 1, 0]);
  // (0.6, 0.8) twice and (9, 1)/√82: squared distances 0.36 + 0.04 and 2 − 18/√82, over 6 values.
  expect(losses.codebook!.dataSync()[0]).toBeCloseTo((0.4 + 0.4 + 2 - 18 / Math.sqrt(82)) / 6, 5);
});

it('has an orthogonality loss of 0 for orthogonal codes, and the mean squared cosine otherwise', () => {
  const quantizer = vq({ codes: 2, dimension: 2, orthogonality: 1 });
  const lossOf = (codes: readonly number[]): number =>
    quantizer
      .quantize(quantizer.withCodebook(tensor(backend, codes, [2, 2])), tensor(backend, [0, 0], [1, 1, 1, 2]))
      .losses.orthogonality!.dataSync()[0]!;
  expect(lossOf([5, 0, 0, 2])).toBeCloseTo(0, 6);
  expect(lossOf([1, 0, 1, 1])).toBeCloseTo((2 * 0.5) / 4, 6); // ΣΣ cos² = 2 + 2·½ over 4, minus ½
});

it('trains codes by DiVeQ from the loss of the task alone', () => {
  const quantizer = vq({
    codes: 8,
    dimension: 2,
    start: 'normal',
    gradient: 'diveq',
    codebook: learned({ weight: 0 }),
    commitment: 0,
  });
  const optimizer = adam<VqParams>();
  let params = quantizer.init(backend, 1);
  let state = optimizer.init(params);
  const z = random(2).normal(backend, [1, 8, 8, 2], 1);
  const errors: number[] = [];
  for (let i = 0; i < 60; i++) {
    const { value, gradients } = valueAndGrad((own: VqParams) =>
      mean(square(sub(quantizer.quantize(own, z).quantized, z))),
    )(params);
    errors.push(value.dataSync()[0]!);
    ({ params, state } = optimizer.update(params, gradients, state, 0.05));
  }
  expect(errors.at(-1)).toBeLessThan(errors[0]! / 2);
});

it('refuses names that there are not, as files may have them', () => {
  for (const option of ['metric', 'gradient', 'start']) {
    expect(() => vq({ codes: 2, dimension: 1, [option]: 'constructor' })).toThrow(/one of .*got 'constructor'/);
  }
});
