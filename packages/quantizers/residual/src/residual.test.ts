import { cpu, disposeTree, mean, random, square, sub, sum, type Tensor, tensor, valueAndGrad } from '@vqkit/core';
import type { CodebookParams } from '@vqkit/core/codebook';
import { deadCodes, ema } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { fsq } from '@vqkit/quantizer-fsq';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { vq } from '@vqkit/quantizer-vq';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { type CodebookResidual, encodeBeam } from './encode-beam.ts';
import { residual } from './residual.ts';
import { startStages } from './start-stages.ts';
import type { ResidualParams } from './types.ts';

const backend = cpu();
const runner = { describe, it, afterAll, backends: backendsUnderTest() };
const _key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));

describeQuantizer('residual of 3 codebooks', {
  ...runner,
  // A later stage's codebook loss looks at what earlier codebooks left, without a gradient to them: see below.
  derivatives: { commitment: ['z'], codebook: 'other' },
  create: () => residual({ codes: 5, dimension: 3, start: 'normal' }, { depth: 3 }),
});
describeQuantizer('residual with one shared EMA codebook and revival', {
  ...runner,
  derivatives: { commitment: ['z'] },
  create: () =>
    residual(vq({ codes: 5, dimension: 3, start: 'normal', codebook: ema(), revival: deadCodes() }), {
      depth: 2,
      isShared: true,
      dropout: { from: 1 },
    }),
});
describeQuantizer('residual of finite scalar quantizers', {
  ...runner,
  create: () => residual(fsq({ levels: [3, 5] }), { depth: 2 }),
  isSeeded: false,
});

describeQuantizer('residual of scaled clamped levels, trained through the stages', {
  ...runner,
  create: () =>
    residual(fsq({ levels: [4, 5], variant: 'clamped' }), { depth: 2, scale: [1 / 3, 1 / 4], gradient: 'stages' }),
  isSeeded: false,
  features: 0.3,
  step: 2 ** -8,
});
describeQuantizer('residual of scaled signs', {
  ...runner,
  create: () => residual(lfq({ bits: 3, entropy: 0 }), { depth: 3, scale: 0.5 }),
  derivatives: { commitment: ['z'] },
  isSeeded: false,
});

it('describes a vector within half a step by scaled stages of clamped levels', () => {
  const z = random(1).uniform(backend, [1, 10, 10, 2], -1, 1);
  for (const depth of [1, 2, 3]) {
    const quantizer = residual(fsq({ levels: [5, 5], variant: 'clamped' }), { depth, scale: 1 / 4 });
    const errors = sub(quantizer.quantize({ stages: new Array(depth).fill({}) }, z).quantized, z).dataSync();
    // Levels are ½ apart at first, and a stage divides what is left by 4.
    expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(4 ** -depth + 1e-6);
  }
  const signs = residual(lfq({ bits: 2 }), { depth: 6, scale: 0.5 });
  const errors = sub(signs.quantize({ stages: new Array(6).fill({}) }, z).quantized, z).dataSync();
  expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(2 ** -5 + 1e-6);
});

it('trains the codes of all stages through the sum by DiVeQ', () => {
  const quantizer = residual(
    { codes: 5, dimension: 3, start: 'normal', gradient: 'diveq' },
    { depth: 2, gradient: 'stages' },
  );
  const z = random(2).normal(backend, [1, 3, 3, 3]);
  const { gradients } = valueAndGrad((own: ResidualParams<CodebookParams>) =>
    sum(square(quantizer.quantize(own, z).quantized)),
  )(quantizer.init(backend, 1));
  for (const { codebook } of gradients.stages) expect(Math.max(...codebook.dataSync())).toBeGreaterThan(0.1);
});

describe('a start by k-means', () => {
  const z = random(3).normal(backend, [2, 10, 10, 3], 4);
  const errorOf = (quantizer: CodebookResidual, params: ResidualParams<CodebookParams>, depth: number): number => {
    const decoded = quantizer.decode(params, quantizer.encode(params, z), { depth });
    return mean(square(sub(decoded, z))).dataSync()[0]!;
  };

  it('describes better with each stage, for separate, shared, scaled and spherical codebooks', async () => {
    for (const options of [{}, { isShared: true }, { scale: 0.5 }]) {
      const quantizer = residual({ codes: 8, dimension: 3 }, { depth: 3, ...options });
      const params = await startStages(quantizer, z, { seed: 1 });
      const errors = [1, 2, 3].map((depth) => errorOf(quantizer, params, depth));
      errors.slice(1).forEach((error, i) => expect(error, JSON.stringify(options)).toBeLessThan(errors[i]!));
      expect(errors[0]).toBeLessThan(0.7);
      disposeTree(params);
    }
    const sphere = residual({ codes: 8, dimension: 3, metric: 'spherical' }, { depth: 1 });
    const params = await startStages(sphere, z, { weights: tensor(backend, new Float32Array(200).fill(1)) });
    expect(Math.max(...params.stages[0]!.codebook.dataSync())).toBeLessThanOrEqual(1);
    disposeTree(params);
  });

  it('leaves no tensors behind but its result', async () => {
    const own = cpu();
    const vectors = random(3).normal(own, [40, 3]);
    for (const isShared of [false, true]) {
      const quantizer = residual({ codes: 4, dimension: 3 }, { depth: 2, isShared, scale: 0.5 });
      disposeTree(await startStages(quantizer, vectors));
      expect(own.memory().tensors).toBe(1);
    }
  });

  it('refuses vectors of another length', async () => {
    const quantizer = residual({ codes: 2, dimension: 3 }, { depth: 2 });
    await expect(startStages(quantizer, random(1).normal(backend, [5, 2]))).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    expect(() => residual({ codes: 2, dimension: 3 }, { depth: 2, scale: [1, 2] })).toThrow(/scale/);
    expect(() => residual({ codes: 2, dimension: 3 }, { depth: 2, scale: 0 })).toThrow(/scale/);
  });
});

const worked = residual({ codes: 2, dimension: 1, commitment: 1 }, { depth: 2 });
const book = (...codes: number[]): CodebookParams =>
  worked.stage.withCodebook(tensor(backend, codes, [codes.length, 1]));
const workedParams = { stages: [book(0, 8), book(-1, 4)] };

describe('the example by hand: stages {0, 8} and {−1, 4}', () => {
  const z = tensor(backend, [6.5, 4.5], [1, 1, 2, 1]);

  it('takes the nearest code of each rest', () => {
    const { quantized, indices } = worked.quantize(workedParams, z);
    // 6.5 → 8, rest −1.5 → −1; 4.5 → 8, rest −3.5 → −1.
    expect([...indices.dataSync()]).toEqual([1, 0, 1, 0]);
    expect([...quantized.dataSync()]).toEqual([7, 7]);
  });

  it('has the mean of both stages’ losses', () => {
    const { losses } = worked.quantize(workedParams, z);
    const stages = [(1.5 ** 2 + 3.5 ** 2) / 2, (0.5 ** 2 + 2.5 ** 2) / 2];
    expect(losses.commitment!.dataSync()[0]).toBeCloseTo((stages[0]! + stages[1]!) / 2, 5);
  });

  it('finds the better sum by beam search: 0 + 4 instead of 8 − 1', () => {
    const indices = encodeBeam(worked, workedParams, z, { width: 2 });
    expect([...indices.dataSync()]).toEqual([1, 0, 0, 1]);
    expect([...worked.decode(workedParams, indices).dataSync()]).toEqual([7, 4]);
  });

  it('decodes coarsely from the first stages alone', () => {
    const { indices } = worked.quantize(workedParams, z);
    expect([...worked.decode(workedParams, indices, { depth: 1 }).dataSync()]).toEqual([8, 8]);
  });

  it('trains each codebook by the rest that it got', () => {
    const { gradients } = valueAndGrad((p: ResidualParams<CodebookParams>) => worked.quantize(p, z).losses.codebook!)(
      workedParams,
    );
    // d/dq of ½·mean((q − rest)²): stage 1 code 8: ½·((8 − 6.5) + (8 − 4.5)) = 2.5; stage 2 code −1: ½·(0.5 + 2.5).
    expect(gradients.stages[0]!.codebook.dataSync()[1]).toBeCloseTo(2.5, 5);
    expect(gradients.stages[1]!.codebook.dataSync()[0]).toBeCloseTo(1.5, 5);
  });
});

describe('beam search', () => {
  const quantizer = residual({ codes: 16, dimension: 4, start: 'normal' }, { depth: 4 });
  const params = quantizer.init(backend, 1);
  const z = random(2).normal(backend, [1, 10, 10, 4], 0, 2);
  const error = (indices: Tensor): number => mean(square(sub(quantizer.decode(params, indices), z))).dataSync()[0]!;

  it('is greedy encoding with one beam', () => {
    expect(encodeBeam(quantizer, params, z, { width: 1 }).dataSync()).toEqual(quantizer.encode(params, z).dataSync());
  });

  it('lowers the error as it widens', () => {
    const errors = [1, 4, 16].map((width) => error(encodeBeam(quantizer, params, z, { width })));
    expect(errors[1]).toBeLessThan(0.97 * errors[0]!);
    expect(errors[2]).toBeLessThan(errors[1]!);
  });

  it('finds the best of all sums when it keeps them all', () => {
    const small = residual({ codes: 3, dimension: 2, start: 'normal' }, { depth: 3 });
    const own = small.init(backend, 5);
    const x = random(6).normal(backend, [1, 1, 8, 2], 0, 2);
    const found = small.decode(own, encodeBeam(small, own, x, { width: 9 })).dataSync();
    const values = x.dataSync();
    const tables = own.stages.map(({ codebook }) => codebook.dataSync());
    for (let i = 0; i < 8; i++) {
      const distance = (v: readonly number[]): number =>
        (v[0]! - values[2 * i]!) ** 2 + (v[1]! - values[2 * i + 1]!) ** 2;
      let smallest = Number.POSITIVE_INFINITY;
      for (let a = 0; a < 3; a++)
        for (let b = 0; b < 3; b++)
          for (let c = 0; c < 3; c++)
            smallest = Math.min(
              smallest,
              distance([0, 1].map((k) => tables[0]![2 * a + k]! + tables[1]![2 * b + k]! + tables[2]![2 * c + k]!)),
            );
      expect(distance([found[2 * i]!, found[2 * i + 1]!])).toBeCloseTo(smallest, 4);
    }
  });
});

it('updates a shared codebook once, from the vectors of all stages', () => {
  const shared = residual(
    { codes: 1, dimension: 1, codebook: ema({ decay: 0.5, epsilon: 1e-9 }) },
    { depth: 2, isShared: true },
  );
  const params = { stages: [shared.stage.withCodebook(tensor(backend, [1], [1, 1]))] };
  const { statistics } = shared.quantize(params, tensor(backend, [4], [1, 1, 1, 1]));
  const [updated] = shared.update(params, statistics).stages;
  // Rests 4 and 3: N = ½·1 + ½·2, S = ½·1 + ½·7.
  expect(updated!.codebook.dataSync()[0]).toBeCloseTo(4 / 1.5, 5);
});

it('updates shared parts once too, each from its vectors of all stages', () => {
  const part = { codes: 1, dimension: 1, codebook: ema({ decay: 0.5, epsilon: 1e-9 }) };
  const shared = residual(product(part, { parts: 2 }), { depth: 2, isShared: true });
  const codes = tensor(backend, [1], [1, 1]);
  const book = shared.stage.part.withCodebook(codes);
  const params = { stages: [{ parts: [book, book] }] };
  const { statistics } = shared.quantize(params, tensor(backend, [4, 2], [1, 1, 1, 2]));
  const [updated] = shared.update(params, statistics).stages;
  // Rests 4 and 3, 2 and 1: N = ½·1 + ½·2, S = ½·1 + ½·7 and ½·1 + ½·3.
  expect(updated!.parts.map(({ codebook }) => codebook.dataSync()[0]!)).toEqual([
    expect.closeTo(4 / 1.5, 5),
    expect.closeTo(2 / 1.5, 5),
  ]);
});

it('describes better with every stage', () => {
  const quantizer = residual({ codes: 32, dimension: 4, start: 'normal', codebook: ema({ decay: 0.5 }) }, { depth: 4 });
  let params = quantizer.init(backend, 1);
  const z = random(2).normal(backend, [2, 12, 12, 4]);
  for (let step = 0; step < 15; step++) params = quantizer.update(params, quantizer.quantize(params, z).statistics);
  const indices = quantizer.encode(params, z);
  const errors = [1, 2, 3, 4].map(
    (depth) => mean(square(sub(quantizer.decode(params, indices, { depth }), z))).dataSync()[0]!,
  );
  errors.slice(1).forEach((error, i) => expect(error).toBeLessThan(0.8 * errors[i]!));
});

it('refuses impossible options', () => {
  expect(() => residual({ codes: 2, dimension: 1 }, { depth: 0 })).toThrow(/depth/);
  expect(() => residual({ codes: 2, dimension: 1 }, { depth: 2, dropout: { from: 3 } })).toThrow(/from/);
  expect(() => residual({ codes: 2, dimension: 1 }, { depth: 2, dropout: { probability: 2 } })).toThrow(/probability/);
});
