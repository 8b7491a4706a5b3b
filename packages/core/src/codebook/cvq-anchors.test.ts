import { expect, it } from 'vitest';
import { cpu, random, type Tensor, tensor } from '../index.ts';
import { cvqAnchors, cvqPull } from './cvq-anchors.ts';

const backend = cpu();
const key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));
const input = {
  codebook: tensor(backend, [1, 0, 0, 2], [2, 2]),
  counts: tensor(backend, [3, 0]),
  vectors: tensor(backend, [5, 0, 0, 0.5, -1, -1], [3, 2]),
  metric: 'l2' as const,
};

it('pulls by the numbers of the paper’s formula', () => {
  const pull = (usage: number, codes = 4): number =>
    cvqPull(tensor(backend, new Float32Array(codes).fill(usage)), 0.99).dataSync()[0]!;
  // After the first batch an average code has N = (1 − γ)/K, an unused one 0.
  expect(pull(0.01 / 4)).toBeCloseTo(Math.exp(-10 - 1e-3), 9); // 4.5e-5
  expect(pull(0.01 / 4)).toBeGreaterThan(4.5e-5);
  expect(pull(0)).toBeCloseTo(0.999, 4);
  expect(pull(1 / 4)).toBe(0); // e⁻¹⁰⁰⁰
});

it('revives an abandoned code after some 690 steps', () => {
  const rule = cvqAnchors();
  let state = { usage: tensor(backend, [0.5, 0.5]) };
  let steps = 0;
  for (let pull = 0; pull < Math.exp(-1 - 1e-3); steps++) {
    const result = rule.revive({ ...input, state, key: undefined });
    state = result.state;
    pull = result.pull.dataSync()[1]!;
  }
  expect(steps).toBe(Math.ceil(Math.log(1 / 1000) / Math.log(0.99))); // 688
});

it('anchors each code at the closest vector of the batch', () => {
  const rule = cvqAnchors({ kind: 'closest' });
  const { anchors } = rule.revive({ ...input, state: rule.start(backend, 2, 2), key: undefined });
  expect([...anchors.dataSync()]).toEqual([0, 0.5, 0, 0.5]);
});

it('anchors by angle for the cosine metric', () => {
  const rule = cvqAnchors({ kind: 'closest' });
  const state = rule.start(backend, 2, 2);
  const { anchors } = rule.revive({ ...input, metric: 'cosine', state, key: undefined });
  expect([...anchors.dataSync()]).toEqual([5, 0, 0, 0.5]);
});

it('draws anchors with probability softmax(similarity)', () => {
  const rule = cvqAnchors({ kind: 'probrandom' });
  const codebook = tensor(backend, [0], [1, 1]);
  const vectors = tensor(backend, [0, 1, Math.sqrt(2)], [3, 1]); // similarities 0, −1, −2
  const hits = new Map<number, number>();
  for (let seed = 0; seed < 2000; seed++) {
    const state = rule.start(backend, 1, 1);
    const counts = tensor(backend, [3]);
    const { anchors } = rule.revive({ codebook, vectors, counts, metric: 'l2', state, key: key(seed) });
    const [value] = anchors.dataSync();
    hits.set(value!, (hits.get(value!) ?? 0) + 1);
  }
  const total = 1 + Math.exp(-1) + Math.exp(-2);
  // 2000 draws: standard deviation at most √(2000/4) ≈ 22
  expect(Math.abs(hits.get(0)! - 2000 / total)).toBeLessThan(90);
  expect(Math.abs(hits.get(1)! - (2000 * Math.exp(-1)) / total)).toBeLessThan(90);
});

it('fills its pool with different vectors first, and then renews as many places as a batch has vectors', () => {
  const rule = cvqAnchors({ kind: 'random' });
  const batch = (start: number, count: number): Tensor =>
    tensor(
      backend,
      Float32Array.from({ length: count }, (_, i) => start + i),
      [count, 1],
    );
  const more = { codebook: tensor(backend, new Float32Array(6), [6, 1]), counts: tensor(backend, new Float32Array(6)) };
  let state = rule.start(backend, 6, 1);
  const after = (vectors: Tensor, seed: number): { pool: number[]; pull: number[] } => {
    const result = rule.revive({ ...more, metric: 'l2', vectors, state, key: key(seed) });
    state = result.state;
    return {
      pool: [...result.anchors.dataSync()],
      pull: [...result.pull.dataSync()].map((p) => Math.round(p * 100) / 100),
    };
  };
  const first = after(batch(1, 2), 1);
  expect(first.pool.slice(0, 2).sort()).toEqual([1, 2]);
  expect(first.pull).toEqual([1, 1, 0, 0, 0, 0]); // codes without a place in the pool wait
  const second = after(batch(11, 2), 2);
  expect(second.pool.slice(0, 4).sort((a, b) => a - b)).toEqual([1, 2, 11, 12]);
  expect(second.pull).toEqual([1, 1, 1, 1, 0, 0]);
  const third = after(batch(21, 3), 3); // more than there are empty places
  expect(third.pull).toEqual([1, 1, 1, 1, 1, 1]);
  expect(new Set(third.pool).size).toBe(6);
  const kept = new Set(third.pool);
  const fourth = after(batch(31, 1), 4);
  expect(fourth.pool.filter((x) => !kept.has(x))).toEqual([31]);
  const fifth = after(batch(41, 50), 5);
  expect(new Set(fifth.pool).size).toBe(6);
  expect(fifth.pool.every((x) => x > 40)).toBe(true);
});

it('gives the same anchors for the same key', () => {
  for (const kind of ['random', 'probrandom'] as const) {
    const rule = cvqAnchors({ kind });
    const draw = () => rule.revive({ ...input, state: rule.start(backend, 2, 2), key: key(5) }).anchors.dataSync();
    expect(draw()).toEqual(draw());
  }
});
