import { expect, it } from 'vitest';
import { cpu, random, range, reshape, type Tensor, tensor } from '../index.ts';
import { cast } from '../ops/compare.ts';
import { codebook } from './codebook.ts';
import { fixed } from './codebook-rule.ts';
import { cvqAnchors } from './cvq-anchors.ts';
import { kmeans } from './kmeans.ts';
import { deadCodes } from './revival.ts';
import { countedRows, rankOf, sampleRows } from './sample-rows.ts';

const backend = cpu();
const key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));
const rows = (count: number): Tensor => reshape(cast(range(backend, count), 'f32'), [count, 1]);

it('samples different rows when there are enough, spread over the whole batch', () => {
  for (const [count, of] of [
    [7, 7],
    [8, 100],
    [33, 1000],
  ] as const) {
    const sample = [...sampleRows(rows(of), count, key(count)).rows.dataSync()];
    expect(new Set(sample).size).toBe(count);
    expect(sample.every((row) => row >= 0 && row < of)).toBe(true);
  }
});

it('samples with repetition when there are too few rows', () => {
  const sample = [...sampleRows(rows(3), 10, key(1)).rows.dataSync()];
  expect(sample).toHaveLength(10);
  expect(new Set(sample).size).toBe(3);
});

it('takes each row about equally often', () => {
  const hits = new Float64Array(10);
  for (let seed = 0; seed < 500; seed++)
    for (const row of sampleRows(rows(10), 4, key(seed)).rows.dataSync()) hits[row]!++;
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

it('never samples rows without weight, and samples the others as if they were alone', () => {
  const weights = tensor(
    backend,
    Float32Array.from({ length: 90 }, (_, i) => (i % 3 === 1 ? 0.5 : 0)),
  );
  const alone = tensor(
    backend,
    Float32Array.from({ length: 30 }, (_, i) => 3 * i + 1),
    [30, 1],
  );
  for (const count of [4, 30, 50]) {
    const sample = sampleRows(rows(90), count, key(count), weights);
    expect(sample.rows.dataSync()).toEqual(sampleRows(alone, count, key(count)).rows.dataSync());
    expect(sample.distinct.dataSync()[0]).toBe(Math.min(count, 30));
    expect(new Set(sample.rows.dataSync()).size).toBe(Math.min(count, 30));
  }
  expect(new Set(countedRows(rows(90), weights).dataSync())).toEqual(new Set(alone.dataSync()));
  expect(
    [...rankOf(tensor(backend, Uint8Array.from([0, 1, 0, 1, 1]))).dataSync()].filter((_, i) => i % 2 || i === 4),
  ).toEqual([0, 1, 2]);
});

it('replaces no two dead codes by the same vector', () => {
  const rule = deadCodes({ below: 0.5, decay: 0 });
  const input = {
    codebook: rows(8),
    counts: tensor(backend, [9, 0, 0, 9, 0, 0, 0, 0]),
    vectors: rows(3),
    metric: 'l2' as const,
  };
  const { pull, anchors } = rule.revive({ ...input, state: rule.start(backend, 8, 1), key: key(1) });
  const moved = [...pull.dataSync()].flatMap((p, k) => (p > 0 ? [anchors.dataSync()[k]!] : []));
  expect(moved).toHaveLength(3); // three vectors for six dead codes
  expect(new Set(moved).size).toBe(3);
});

it('leaves positions of weight 0 alone: no code goes to a vector that does not count', async () => {
  const table = tensor(backend, [0, 0, 1, 1, 900, 900, -900, 900], [4, 2]);
  const z = tensor(backend, [0.1, 0, 0.9, 1, 1000, 1000, 1000, 1000], [4, 2]);
  const weights = tensor(backend, [1, 1, 0, 0]);
  const revivals = [
    deadCodes({ below: 0.5, decay: 0 }),
    ...(['closest', 'random', 'probrandom'] as const).map((kind) => cvqAnchors({ kind })),
    cvqAnchors({ kind: 'probrandom', candidates: 2 }),
    cvqAnchors({ kind: 'probrandom', candidates: 3 }),
  ];
  for (const metric of ['l2', 'cosine'] as const) {
    for (const revival of revivals) {
      const book = codebook({ codes: 4, dimension: 2, metric, revival, codebook: fixed() });
      let params = book.replace(table);
      for (let step = 0; step < 3; step++) {
        const { statistics } = book.quantize(params, z, { weights });
        params = book.update(params, statistics, key(step));
      }
      const codes = Array.from({ length: 4 }, (_, k) => [...params.codebook.dataSync().slice(2 * k, 2 * k + 2)]);
      for (const [x, y] of codes) expect(Math.hypot(x! - 1000, y! - 1000), revival.name).toBeGreaterThan(100);
      const usage = [...params.revival!.usage.dataSync()].reduce((a, b) => a + b);
      if (revival.name === 'cvqAnchors') expect(usage).toBeCloseTo(1 - 0.99 ** 3, 6);
    }
  }
  const { codebook: means } = await kmeans(z, 3, { weights, seed: 1 });
  expect(Math.max(...means.dataSync())).toBeLessThan(2);
});

it('counts use as a share of the weight', () => {
  const counts = tensor(backend, [0.5, 1.5]);
  const rule = cvqAnchors({ decay: 0.99 });
  const input = { codebook: rows(2), counts, vectors: rows(9), metric: 'l2' as const, key: undefined };
  const { state } = rule.revive({ ...input, state: rule.start(backend, 2, 1) });
  expect(state.usage.dataSync()[1]).toBeCloseTo(0.01 * 0.75, 7);
});
