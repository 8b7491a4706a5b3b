import { expect, it } from 'vitest';
import { cpu, random, range, reshape, type Tensor, tensor } from '../index.ts';
import { cast } from '../ops/compare/compare.ts';
import { deadCodes, sampleRows } from './revival.ts';

const backend = cpu();
const key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));
const rows = (count: number): Tensor => reshape(cast(range(backend, count), 'f32'), [count, 1]);

it('samples different rows when there are enough, spread over the whole batch', () => {
  for (const [count, of] of [
    [7, 7],
    [8, 100],
    [33, 1000],
  ] as const) {
    const sample = [...sampleRows(rows(of), count, key(count)).dataSync()];
    expect(new Set(sample).size).toBe(count);
    expect(sample.every((row) => row >= 0 && row < of)).toBe(true);
  }
});

it('samples with repetition when there are too few rows', () => {
  const sample = [...sampleRows(rows(3), 10, key(1)).dataSync()];
  expect(sample).toHaveLength(10);
  expect(new Set(sample).size).toBe(3);
});

it('takes each row about equally often', () => {
  const hits = new Float64Array(10);
  for (let seed = 0; seed < 500; seed++) for (const row of sampleRows(rows(10), 4, key(seed)).dataSync()) hits[row]!++;
  // 2000 draws over 10 rows: 200 each, standard deviation below √200 ≈ 14
  for (const n of hits) expect(Math.abs(n - 200)).toBeLessThan(60);
});

it('replaces a code once its use falls below the limit, and then gives it time', () => {
  const rule = deadCodes({ below: 0.1, decay: 0.5 });
  const input = {
    codebook: tensor(backend, [0, 50], [2, 1]),
    counts: tensor(backend, [4, 0]),
    vectors: rows(4),
    metric: 'l2' as const,
  };
  let state = rule.start(backend, 2, 1);
  const pulls: number[] = [];
  // The use of code 1 is ½·½ᵗ and dies below 0.1/2 = 0.05: ¼, ⅛, 1/16, then 1/32.
  for (let step = 0; step < 5; step++) {
    const result = rule.revive({ ...input, state, key: key(step) });
    pulls.push(result.pull.dataSync()[1]!);
    expect(result.pull.dataSync()[0]).toBe(0);
    state = result.state;
  }
  expect(pulls).toEqual([0, 0, 0, 1, 0]);
});

it('asks for a key', () => {
  const input = { codebook: rows(2), counts: tensor(backend, [1, 0]), vectors: rows(1), metric: 'l2' as const };
  const rule = deadCodes();
  expect(() => rule.revive({ ...input, state: rule.start(backend, 2, 1), key: undefined })).toThrow(/got no key/);
});

it('refuses impossible options', () => {
  expect(() => deadCodes({ below: 1 })).toThrow(/below/);
  expect(() => deadCodes({ decay: -1 })).toThrow(/decay/);
});
