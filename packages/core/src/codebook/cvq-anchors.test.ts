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

it('keeps a pool for random anchors: filled by the first batch, renewed by large ones', () => {
  const rule = cvqAnchors({ kind: 'random' });
  const start = rule.start(backend, 2, 2);
  const large = rule.revive({ ...input, state: start, key: key(1) });
  const rows = ['5,0', '0,0.5', '-1,-1'];
  const [a, b] = [large.anchors.dataSync().slice(0, 2).join(), large.anchors.dataSync().slice(2).join()];
  expect(rows).toContain(a);
  expect(rows).toContain(b);
  expect(large.state.pool!.dataSync()).toEqual(large.anchors.dataSync());

  const wide = cvqAnchors({ kind: 'random' });
  const one = { ...input, vectors: tensor(backend, [7, 7], [1, 2]), counts: tensor(backend, new Float32Array(40)) };
  const codebook = random(1).normal(backend, [40, 2]);
  const first = wide.revive({ ...one, codebook, state: wide.start(backend, 40, 2), key: key(1) });
  expect(new Set(first.anchors.dataSync())).toEqual(new Set([7])); // the first batch fills the whole pool
  const used = { usage: tensor(backend, new Float32Array(40).fill(1 / 40)), pool: first.state.pool! };
  const later = wide.revive({ ...one, codebook, vectors: tensor(backend, [8, 8], [1, 2]), state: used, key: key(2) });
  const renewed = later.anchors.dataSync().filter((value) => value === 8).length / 2;
  expect(renewed).toBeLessThan(10); // one vector for 40 places: one of them on average
});

it('gives the same anchors for the same key', () => {
  for (const kind of ['random', 'probrandom'] as const) {
    const rule = cvqAnchors({ kind });
    const draw = () => rule.revive({ ...input, state: rule.start(backend, 2, 2), key: key(5) }).anchors.dataSync();
    expect(draw()).toEqual(draw());
  }
});
