import { expect, it } from 'vitest';
import { cpu, div, mul, norm, random, sub, sum, type Tensor, tensor, valueAndGrad } from '../index.ts';
import { unitVectors } from './assignment.ts';
import { diveq, rotationTrick, straightThrough } from './straight-through.ts';

const backend = cpu();

/** Gradient of Σ weights·estimate(z, q) with respect to z. */
function gradientOf(estimate: typeof straightThrough, z: Tensor, q: Tensor, weights: Tensor): Float32Array {
  return valueAndGrad((x: Tensor) => sum(mul(weights, estimate(x, q))))(z).gradients.dataSync() as Float32Array;
}

it('returns the codes bit for bit, whatever the estimator', () => {
  const z = random(1).normal(backend, [5, 4], 0, 1e3);
  const q = random(2).normal(backend, [5, 4], 0, 1e-3);
  for (const estimate of [straightThrough, rotationTrick, diveq]) {
    expect(estimate(z, q).dataSync()).toEqual(q.dataSync());
    const { aux } = valueAndGrad((x: Tensor) => {
      const y = estimate(x, q);
      return { loss: sum(y), aux: y };
    })(z);
    expect(aux.dataSync()).toEqual(q.dataSync());
  }
});

it('copies the gradient straight through', () => {
  const weights = random(3).normal(backend, [2, 3]);
  const z = random(1).normal(backend, [2, 3]);
  expect(gradientOf(straightThrough, z, random(2).normal(backend, [2, 3]), weights)).toEqual(weights.dataSync());
});

it('turns and scales the gradient by the map that takes the vector to its code', () => {
  // z = (1, 0), q = (0, 2): a quarter turn and a doubling. λRᵀ maps (a, b) to 2·(b, −a).
  const g = gradientOf(
    rotationTrick,
    tensor(backend, [1, 0], [1, 2]),
    tensor(backend, [0, 2], [1, 2]),
    tensor(backend, [3, 5], [1, 2]),
  );
  expect(g[0]).toBeCloseTo(10, 5);
  expect(g[1]).toBeCloseTo(-6, 5);
});

it('keeps the angle between gradient and vector', () => {
  const [z, q, dy] = [1, 2, 3].map((seed) => random(seed).normal(backend, [20, 6])) as [Tensor, Tensor, Tensor];
  const gradient = tensor(backend, gradientOf(rotationTrick, z, q, dy), [20, 6]);
  const cosine = (a: Tensor, b: Tensor): Float32Array =>
    div(sum(mul(a, b), { axes: 1 }), mul(norm(a, { axes: 1 }), norm(b, { axes: 1 }))).dataSync() as Float32Array;
  const [before, after] = [cosine(z, gradient), cosine(q, dy)];
  for (const [i, value] of before.entries()) expect(value).toBeCloseTo(after[i]!, 5); // float32, 6 terms
});

it('is the straight-through gradient where the vector is its own code', () => {
  const z = random(1).normal(backend, [4, 3]);
  const dy = random(2).normal(backend, [4, 3]);
  const difference = sub(tensor(backend, gradientOf(rotationTrick, z, z, dy), [4, 3]), dy).dataSync();
  for (const value of difference) expect(Math.abs(value)).toBeLessThan(1e-5);
});

it('has a finite gradient for zero vectors and opposite codes', () => {
  const z = tensor(backend, [0, 0, 1, 2], [2, 2]);
  const q = tensor(backend, [0, 0, -1, -2], [2, 2]);
  for (const value of gradientOf(rotationTrick, z, q, tensor(backend, [1, 1, 1, 1], [2, 2]))) {
    expect(Number.isFinite(value)).toBe(true);
  }
});

it('bounds the rotated gradient where vectors are short and codes long', () => {
  const dy = random(3).normal(backend, [1, 4]);
  const length = (values: Iterable<number>): number => Math.hypot(...values);
  for (const size of [0, 1e-12, 1e-6, 1e-3, 0.1, 1, 100]) {
    const z = random(1).normal(backend, [1, 4], 0, size);
    const gradient = gradientOf(rotationTrick, z, random(2).normal(backend, [1, 4]), dy);
    // It was 2.8·10⁶ times as long at z = 0.
    expect(length(gradient) / length(dy.dataSync()), String(size)).toBeLessThan(size < 1e-3 ? 24 : 8.001);
  }
});

it('bounds the gradient of unit vectors where vectors are short, and has the true one elsewhere', () => {
  const dy = random(3).normal(backend, [1, 4]);
  const length = (values: Iterable<number>): number => Math.hypot(...values);
  for (const size of [0, 1e-20, 1e-6, 1e-2, 1]) {
    const z = random(1).normal(backend, [1, 4], 0, size);
    const { gradients } = valueAndGrad((x: Tensor) => sum(mul(unitVectors(x), dy)))(z);
    const gradient = gradients.dataSync() as Float32Array;
    // It was 10¹² times as long at z = 0.
    expect(length(gradient) / length(dy.dataSync()), String(size)).toBeLessThan(1001);
    if (size < 0.01) continue;
    const [u, norm] = [unitVectors(z).dataSync() as Float32Array, length(z.dataSync())];
    const along = u.reduce((total, value, i) => total + value * dy.dataSync()[i]!, 0);
    gradient.forEach((value, i) => {
      expect(value * norm).toBeCloseTo(dy.dataSync()[i]! - u[i]! * along, 4);
    });
  }
});

it('passes DiVeQ’s gradient across the error to the features and along it to the codes', () => {
  // z = (0, 0), q = (3, 0): the error is along the first axis.
  const [z, q, weights] = [
    [0, 0],
    [3, 0],
    [5, 7],
  ].map((values) => tensor(backend, values, [1, 2])) as [Tensor, Tensor, Tensor];
  const { gradients } = valueAndGrad((p: { z: Tensor; q: Tensor }) => sum(mul(weights, diveq(p.z, p.q))))({ z, q });
  expect([...gradients.z.dataSync()].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([0, 7]);
  expect([...gradients.q.dataSync()].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([5, 0]);
});

it('keeps the length of DiVeQ’s error under noise, which is small', () => {
  const [z, q] = [random(1).normal(backend, [500, 4]), random(2).normal(backend, [500, 4])];
  const noisy = diveq(z, q, tensor(backend, random(3).bits(2)));
  const lengths = (x: Tensor): Float32Array => norm(x, { axes: 1 }).dataSync() as Float32Array;
  const [from, to, off] = [lengths(sub(q, z)), lengths(sub(noisy, z)), lengths(sub(noisy, q))];
  from.forEach((length, i) => expect(to[i]).toBeCloseTo(length, 4));
  // Noise of σ = √10⁻³ in the three directions across.
  expect(Math.sqrt(off.reduce((total, x) => total + x * x, 0) / 500)).toBeGreaterThan(0.03);
  expect(Math.sqrt(off.reduce((total, x) => total + x * x, 0) / 500)).toBeLessThan(0.08);
});
