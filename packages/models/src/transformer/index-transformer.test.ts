import {
  concat,
  mean,
  random,
  slice,
  split,
  square,
  stack,
  type Tensor,
  tensor,
  tensorsOf,
  valueAndGrad,
  zeros,
} from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { backend, codes, sizes as common, shaken } from '../testing/small-maps.ts';
import { indexTransformer } from './index-transformer.ts';
import { rotary } from './rotary.ts';

const sizes = { ...common, blocks: 2 };
const model = indexTransformer(sizes);
const params = shaken(model.init(backend, 1));
const [h, w] = [3, 4];
const vectors = random(3).normal(backend, [1, h, w, 3]);
const holesAt = (...places: number[]): Tensor =>
  tensor(
    backend,
    Float32Array.from({ length: h * w }, (_, i) => (places.includes(i) ? 1 : 0)),
    [1, h, w, 1],
  );
const logits = (options: Partial<Parameters<typeof model.apply>[1]> = {}): number[] =>
  Array.from(model.apply(params, { vectors, holes: holesAt(5), codes, bits: 3, ...options }).dataSync());

describe('rotary', () => {
  it('turns pairs and keeps their length', () => {
    const x = random(4).normal(backend, [1, h * w, 8]);
    const [before, after] = [x, rotary(x, h, w)].map((t) => Array.from(t.dataSync()));
    for (let at = 0; at < h * w; at++) {
      for (let pair = 0; pair < 4; pair++) {
        const length = (values: number[]): number => Math.hypot(values[at * 8 + pair]!, values[at * 8 + pair + 4]!);
        expect(length(after!)).toBeCloseTo(length(before!), 5);
      }
    }
    expect(after!.slice(0, 8)).toEqual(before!.slice(0, 8));
    // Pairs 0 and 1 belong to rows, 2 and 3 to columns.
    const second = Array.from({ length: 8 }, (_, i) => i % 4 < 2);
    expect(second.map((_, i) => after![8 + i] === before![8 + i])).toEqual(second);
  });

  it('makes products depend on distances alone', () => {
    const constant = (seed: number): Tensor => {
      const one = random(seed).normalArray(8);
      return tensor(
        backend,
        Float32Array.from({ length: h * w * 8 }, (_, i) => one[i % 8]!),
        [1, h * w, 8],
      );
    };
    const [q, k] = [constant(5), constant(6)].map((x) => rotary(x, h, w).dataSync());
    const product = (a: number, b: number): number =>
      Array.from({ length: 8 }, (_, i) => Number(q![a * 8 + i]) * Number(k![b * 8 + i])).reduce((sum, v) => sum + v);
    // One row down and one column to the right, from two places.
    expect(product(0, 5)).toBeCloseTo(product(6, 11), 5);
    expect(product(0, 5)).not.toBeCloseTo(product(5, 0), 2);
  });
});

describe('indexTransformer', () => {
  it('gives logits of every code at every position, and does not look into holes', () => {
    expect(logits()).toHaveLength(h * w * 8);
    const other = Float32Array.from(vectors.dataSync(), (value, i) => (Math.floor(i / 3) === 5 ? 99 : Number(value)));
    expect(logits({ vectors: tensor(backend, other, vectors.shape) })).toEqual(logits());
    expect(logits({ holes: holesAt(5, 6) })).not.toEqual(logits());
  });

  it('serves codebooks of any size: codes are scored by their vectors', () => {
    const some = logits({ codes: slice(codes, [0, 0], { size: [5, 3] }) });
    const all = logits();
    some.forEach((value, i) => {
      expect(value).toBeCloseTo(all[Math.floor(i / 5) * 8 + (i % 5)]!, 5);
    });
    expect(logits({ bits: 4 })).not.toEqual(all);
  });

  it('takes maps of several codebooks at once', () => {
    const padded = concat([slice(codes, [0, 0], { size: [5, 3] }), zeros(backend, [3, 3])], 0);
    const both = model.apply(params, {
      vectors: concat([vectors, vectors]),
      holes: concat([holesAt(5), holesAt(5)]),
      codes: stack([codes, padded]),
      bits: tensor(backend, Uint32Array.of(3, 2)),
    });
    const [first, second] = split(both, [1, 1], 0).map((x) => Array.from(x.dataSync()));
    first!.forEach((value, i) => {
      expect(value).toBeCloseTo(logits()[i]!, 5);
    });
    const alone = logits({ codes: padded, bits: 2 });
    second!.forEach((value, i) => {
      expect(value).toBeCloseTo(alone[i]!, 5);
    });
  });

  it('learns: gradients reach every parameter that is used', () => {
    const { gradients } = valueAndGrad((p: typeof params) =>
      mean(square(model.apply(p, { vectors, holes: holesAt(1, 7), codes, bits: 3 }))),
    )(params);
    const isMoved = (x: Tensor): boolean => x.dataSync().some((value) => value !== 0);
    expect(tensorsOf(gradients).every(isMoved)).toBe(true);
  });

  it('starts as if every code were as likely, and has about 2.8 million parameters', () => {
    const start = indexTransformer({ dimension: 16 });
    const fresh = start.init(backend, 1);
    expect(tensorsOf(fresh).reduce((sum, x) => sum + x.size, 0) / 1e6).toBeCloseTo(2.72, 1);
    const input = { vectors: zeros(backend, [1, 2, 2, 16]), holes: zeros(backend, [1, 2, 2, 1]), bits: 11 };
    const made = start.apply(fresh, { ...input, codes: random(7).normal(backend, [64, 16]) });
    expect(made.shape).toEqual([1, 2, 2, 64]);
    expect(Math.max(...Array.from(made.dataSync(), Math.abs))).toBeLessThan(3);
  });

  it('refuses heads that do not fit', () => {
    expect(() => indexTransformer({ dimension: 4, width: 100, heads: 6 })).toThrow(/a width that 6 heads divide/);
  });
});
