import { expect, it } from 'vitest';
import { cpu, random, tensor } from '../index.ts';
import { kmeans } from './kmeans.ts';

const backend = cpu();
/** Four tight clouds around the corners of a square of side 10. */
const corners = [
  [0, 0],
  [0, 10],
  [10, 0],
  [10, 10],
] as const;
const clouds = (perCloud: number, seed = 1) => {
  const noise = random(seed).normalArray(perCloud * 8, 0, 0.1);
  return tensor(
    backend,
    noise.map((x, i) => x + corners[(i >> 1) % 4]![i % 2]!),
    [perCloud * 4, 2],
  );
};

it('finds the means of well separated clouds', async () => {
  const { codebook, counts, error } = await kmeans(clouds(50), 4, { seed: 3, restarts: 3 });
  const found = Array.from({ length: 4 }, (_, k) => [...codebook.dataSync().slice(2 * k, 2 * k + 2)].map(Math.round));
  expect(found.map(String).sort()).toEqual(corners.map(String).sort());
  expect([...counts.dataSync()]).toEqual([50, 50, 50, 50]);
  // 200 vectors with two coordinates of variance 0.01
  expect(error).toBeGreaterThan(2);
  expect(error).toBeLessThan(6);
});

it('gives the weighted mean when vectors have weights', async () => {
  const vectors = tensor(backend, [0, 4], [2, 1]);
  const { codebook, counts, error } = await kmeans(vectors, 1, { weights: tensor(backend, [3, 1]) });
  expect(codebook.dataSync()[0]).toBeCloseTo(1, 6);
  expect(counts.dataSync()[0]).toBe(4);
  expect(error).toBeCloseTo(3 * 1 + 1 * 9, 5);
});

it('counts a vector of weight 3 as three vectors', async () => {
  const start = { seed: 2, restarts: 4 };
  const weights = tensor(backend, [3, 1, 1]);
  const weighted = await kmeans(tensor(backend, [0, 1, 5], [3, 1]), 2, { ...start, weights });
  const repeated = await kmeans(tensor(backend, [0, 0, 0, 1, 5], [5, 1]), 2, start);
  expect(weighted.error).toBeCloseTo(repeated.error, 6);
});

it('returns every vector as its own mean when there are as many means', async () => {
  const vectors = random(1).normal(backend, [16, 3]);
  const { codebook, error, indices } = await kmeans(vectors, 16);
  expect(error).toBe(0);
  expect(new Set(indices.dataSync()).size).toBe(16);
  expect([...codebook.dataSync()].sort()).toEqual([...vectors.dataSync()].sort());
});

it('repeats means rather than failing when there are too few different vectors', async () => {
  const { codebook, error } = await kmeans(tensor(backend, [1, 1, 1, 2], [4, 1]), 3, { seed: 1 });
  expect(error).toBe(0);
  expect(new Set(codebook.dataSync())).toEqual(new Set([1, 2]));
});

it('gives means without vectors those that fit worst', async () => {
  // Zero iterations show the seeding alone; a few must not be worse.
  const vectors = random(4).normal(backend, [300, 4]);
  const seeded = await kmeans(vectors, 32, { seed: 7, iterations: 0 });
  const refined = await kmeans(vectors, 32, { seed: 7, iterations: 10 });
  expect(refined.error).toBeLessThan(seeded.error);
  expect([...refined.counts.dataSync()].every((count) => count > 0)).toBe(true);
});

it('gives the same means for the same seed, and others for another', async () => {
  const vectors = random(4).normal(backend, [200, 4]);
  const means = async (seed: number) => (await kmeans(vectors, 8, { seed })).codebook.dataSync();
  expect(await means(1)).toEqual(await means(1));
  expect(await means(1)).not.toEqual(await means(2));
});

it('leaves no tensors behind', async () => {
  const own = cpu();
  const vectors = random(4).normal(own, [100, 2]);
  const before = own.memory().tensors;
  const { codebook, indices, counts } = await kmeans(vectors, 10, { restarts: 3 });
  for (const x of [codebook, indices, counts]) x.dispose();
  expect(own.memory().tensors).toBe(before);
});

it('refuses vectors that are not finite, and weights that are all zero', async () => {
  await expect(kmeans(tensor(backend, [1, Number.NaN], [2, 1]), 1)).rejects.toMatchObject({ code: 'NOT_FINITE' });
  const weights = tensor(backend, [0, 0]);
  await expect(kmeans(tensor(backend, [1, 2], [2, 1]), 1, { weights })).rejects.toMatchObject({ code: 'NOT_FINITE' });
});
