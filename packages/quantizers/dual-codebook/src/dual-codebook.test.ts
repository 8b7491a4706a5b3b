import {
  add,
  cpu,
  entriesOf,
  mapTree,
  mean,
  mul,
  random,
  square,
  sub,
  type Tensor,
  tensor,
  tidy,
  valueAndGrad,
} from '@vqkit/core';
import { deadCodes, ema } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { dropOut } from './drop-out.ts';
import { dualCodebook } from './dual-codebook.ts';
import type { TableTransformerParams } from './table-transformer.ts';
import type { DualCodebookParams } from './types.ts';

const backend = cpu();
const runner = { describe, it, afterAll, backends: backendsUnderTest() };
const small = { layers: 2, heads: 2, feedForward: 4 };
const key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));

describeQuantizer('dual codebook', {
  ...runner,
  derivatives: { commitment: ['z'], codebook: ['params'] },
  create: () =>
    dualCodebook({ codes: 4, dimension: 12, transformer: { ...small, layers: 1 }, local: { start: 'normal' } }),
  size: [2, 1, 2],
  // Between the rounding that layer norms amplify and the kinks of ReLU.
  step: 2 ** -7,
});
describeQuantizer('dual codebook with an EMA local table and a scale', {
  ...runner,
  derivatives: { commitment: ['z'], codebook: 'other' },
  create: () =>
    dualCodebook({
      codes: 5,
      dimension: 12,
      transformer: { layers: 1, heads: 1, feedForward: 3, scale: 0.5 },
      local: { codebook: ema(), revival: deadCodes(), start: 'normal' },
    }),
});
describeQuantizer('dual codebook, folded', {
  ...runner,
  derivatives: { commitment: ['z'], codebook: ['params'] },
  create: () => dualCodebook({ codes: 5, dimension: 12, transformer: small, local: { start: 'normal' } }),
  params: (quantizer, on, seed) => {
    const { fold } = dualCodebook({ codes: 5, dimension: 12, transformer: small });
    return tidy(() => fold(quantizer.init(on, seed)));
  },
});

const quantizer = dualCodebook({ codes: 6, dimension: 8, transformer: small });
const params = quantizer.init(backend, 1);
const z = random(2).normal(backend, [2, 3, 3, 8]);

/** The encoder stack by the formulas, in float64. */
function tableByHand(global: TableTransformerParams, heads: number): number[][] {
  const rows = (x: Tensor): number[][] => {
    const width = x.shape.at(-1)!;
    const data = x.dataSync();
    return Array.from({ length: x.size / width }, (_, i) => [...data.slice(i * width, (i + 1) * width)]);
  };
  const affine = (x: number[][], { weight, bias }: { weight: Tensor; bias: Tensor }): number[][] => {
    const [w, [b]] = [rows(weight), rows(bias)];
    return x.map((row) => b!.map((start, j) => row.reduce((total, value, i) => total + value * w[i]![j]!, start)));
  };
  const norm = (x: number[][], { scale, shift }: { scale: Tensor; shift: Tensor }): number[][] => {
    const [[s], [t]] = [rows(scale), rows(shift)];
    return x.map((row) => {
      const average = row.reduce((a, b) => a + b) / row.length;
      const variance = row.reduce((a, b) => a + (b - average) ** 2, 0) / row.length;
      return row.map((value, j) => ((value - average) / Math.sqrt(variance + 1e-5)) * s![j]! + t![j]!);
    });
  };
  const plus = (a: number[][], b: number[][]): number[][] =>
    a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
  let x = rows(global.seed);
  const width = x[0]!.length;
  const size = width / heads;
  for (const layer of global.layers) {
    const qkv = affine(x, layer.attentionIn);
    const mixed = x.map((_, i) =>
      Array.from({ length: width }, (_, c) => {
        const head = Math.floor(c / size) * size;
        const scores = x.map((_, j) => {
          let dot = 0;
          for (let k = 0; k < size; k++) dot += qkv[i]![head + k]! * qkv[j]![width + head + k]!;
          return Math.exp(dot / Math.sqrt(size));
        });
        const total = scores.reduce((a, b) => a + b);
        return scores.reduce((sum, score, j) => sum + (score / total) * qkv[j]![2 * width + c]!, 0);
      }),
    );
    const h = norm(plus(x, affine(mixed, layer.attentionOut)), layer.norm1);
    const hidden = affine(h, layer.expand).map((row) => row.map((value) => Math.max(value, 0)));
    x = norm(plus(h, affine(hidden, layer.contract)), layer.norm2);
  }
  return x;
}

it('makes the table that the formulas give', () => {
  // Weights that are not the same in all layers, and norms that do something.
  const varied = mapTree(params.global, (x, path) => {
    const noise = random(path.length * 31 + path.charCodeAt(7)).normal(backend, x.shape, 0, 0.5);
    return noise;
  }) as unknown as TableTransformerParams;
  const expected = tableByHand(varied, 2).flat();
  const actual = quantizer.table({ ...params, global: varied }).dataSync();
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4)); // float32, two layers
});

it('makes the table that PyTorch makes', () => {
  const wave = (shape: number[], k: number): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(
      backend,
      Float32Array.from({ length: size }, (_, i) => 0.5 * Math.sin(1.7 * i + k)),
      shape,
    );
  };
  const [d, f] = [4, 3];
  const global: TableTransformerParams = {
    seed: mul(wave([3, d], 0), 3),
    layers: [0, 1].map((i) => ({
      attentionIn: { weight: wave([d, 3 * d], i + 1), bias: wave([3 * d], i + 2) },
      attentionOut: { weight: wave([d, d], i + 3), bias: wave([d], i + 4) },
      expand: { weight: wave([d, f], i + 5), bias: wave([f], i + 6) },
      contract: { weight: wave([f, d], i + 7), bias: wave([d], i + 8) },
      norm1: { scale: add(wave([d], i + 9), 1), shift: wave([d], i + 10) },
      norm2: { scale: add(wave([d], i + 11), 1), shift: wave([d], i + 12) },
    })),
  };
  // torch 1.13.0, float64: torch.nn.TransformerEncoder of two TransformerEncoderLayer(4, 2, 3, dropout=0.0) with the
  // weights above, transposed, in the same roles.
  const golden = [
    0.06236, 0.10976, 1.51393, -0.93719, 1.19481, 0.7907, -0.49064, -1.07718, 1.13228, 1.09263, -1.99991, -0.47357,
  ];
  const table = quantizer.table({ ...params, global }).dataSync();
  golden.forEach((value, i) => expect(table[i]).toBeCloseTo(value, 4));
});

it('has the parameters of the paper: 593,024 per layer and 3.56 M in all, seed aside', () => {
  const paper = dualCodebook({ codes: 512, dimension: 256 });
  const count = (tree: unknown): number => entriesOf(tree).reduce((total, [, x]) => total + (x as Tensor).size, 0);
  const { global, local } = paper.init(backend, 1) as { global: TableTransformerParams; local: unknown };
  expect(count(global.layers[0])).toBe(593_024);
  expect(count(global.layers)).toBe(6 * 593_024);
  expect(count([global.seed, local])).toBe(131_072); // as many as one table of 512×256
  expect(paper.bitsPerPosition).toBe(18);
});

it('looks up each half in its own table', () => {
  const { quantized, indices } = quantizer.quantize(params, z);
  const table = quantizer.table(params).dataSync();
  const local = params.local.codebook.dataSync();
  const [values, chosen] = [quantized.dataSync(), indices.dataSync()];
  for (let i = 0; i < 18; i++) {
    expect(values.slice(8 * i, 8 * i + 4)).toEqual(table.slice(4 * chosen[2 * i]!, 4 * chosen[2 * i]! + 4));
    expect(values.slice(8 * i + 4, 8 * i + 8)).toEqual(local.slice(4 * chosen[2 * i + 1]!, 4 * chosen[2 * i + 1]! + 4));
  }
});

it('moves every code of the global table by the gradient of a single position', () => {
  const one = random(3).normal(backend, [1, 1, 1, 8]);
  const { gradients } = valueAndGrad((p: DualCodebookParams) => quantizer.quantize(p, one).losses.codebook!)(params);
  const rowsMoved = (x: Tensor): number => {
    const data = x.dataSync();
    return Array.from({ length: 6 }, (_, k) => data.slice(4 * k, 4 * k + 4).some((g) => g !== 0)).filter(Boolean)
      .length;
  };
  expect(rowsMoved((gradients.global as TableTransformerParams).seed)).toBe(6);
  expect(rowsMoved(gradients.local.codebook)).toBe(1);
});

it('gives the same vectors when folded, from two tables alone', () => {
  const folded = quantizer.fold(params);
  expect(entriesOf(folded).map(([path]) => path)).toEqual(['global.table', 'local.codebook']);
  const indices = quantizer.encode(params, z);
  expect(quantizer.encode(folded, z).dataSync()).toEqual(indices.dataSync());
  expect(quantizer.decode(folded, indices).dataSync()).toEqual(quantizer.decode(params, indices).dataSync());
  expect(quantizer.fold(folded).global).toHaveProperty('table');
});

describe('dropout', () => {
  it('makes the global table noisy where there is a key, and not elsewhere', () => {
    const loss = (k?: Tensor): number => quantizer.quantize(params, z, { key: k }).losses.commitment!.dataSync()[0]!;
    expect(loss(key(1))).toBe(loss(key(1)));
    expect(loss(key(1))).not.toBe(loss(key(2)));
    expect(loss()).toBe(loss());
    const still = dualCodebook({ codes: 6, dimension: 8, transformer: { ...small, dropout: 0 } });
    expect(still.quantize(params, z, { key: key(1) }).losses.commitment!.dataSync()[0]).toBe(loss());
  });

  it('drops the share of values that it is told and keeps the mean', () => {
    const x = tensor(backend, new Float32Array(20_000).fill(1));
    const dropped = dropOut(x, 0.25, key(3));
    const zeros = [...dropped.dataSync()].filter((value) => value === 0).length;
    expect(Math.abs(zeros - 5000)).toBeLessThan(250); // four standard deviations of 61
    expect(mean(dropped).dataSync()[0]).toBeCloseTo(1, 1);
    expect(mean(square(sub(dropOut(x, 0, key(3)), x))).dataSync()[0]).toBe(0);
  });

  it('has shares of a 256th, never none, and scales by the one that it has', () => {
    const kept = (share: number): number[] => {
      const x = tensor(backend, new Float32Array(4099).fill(1), [1, 4099]);
      return [...dropOut(x, share, key(5)).dataSync()].filter((value) => value !== 0);
    };
    expect(new Set(kept(0.1))).toEqual(new Set([Math.fround(256 / 230)]));
    expect(kept(1e-6).length).toBeGreaterThan(4050);
    expect(kept(1e-6).length).toBeLessThan(4099);
    expect(kept(0.9999).length).toBeLessThan(40);
  });
});

it('refuses impossible options', () => {
  expect(() => dualCodebook({ codes: 4, dimension: 7 })).toThrow(/half of the dimension/);
  expect(() => dualCodebook({ codes: 4, dimension: 8, transformer: { heads: 3 } })).toThrow(/heads/);
  expect(() => dualCodebook({ codes: 4, dimension: 16, transformer: { dropout: 1 } })).toThrow(/dropout/);
});
