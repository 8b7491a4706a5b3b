/** Compares a gradient with central differences along itself, where the change is largest and float32 says most. For tests. */
import { type Tensor, tensor, valueAndGrad } from '@vqkit/core';
import { expect } from 'vitest';

/**
 * Fails unless |(f(x + h·u) − f(x − h·u)) / 2h − |g|| ≤ tolerance·|g| with g = ∇f(x) and u = g/|g|.
 *
 * @param fn  To one number.
 * @param h  Length of the step over all elements together.
 */
export async function expectGradientAlongItself(
  fn: (x: Tensor) => Tensor,
  x: Tensor,
  { h, tolerance }: { readonly h: number; readonly tolerance: number },
): Promise<void> {
  const { gradients } = valueAndGrad(fn)(x);
  const gradient = await gradients.data();
  const values = await x.data();
  const length = Math.hypot(...gradient);
  expect(length).toBeGreaterThan(0);
  const at = (distance: number): Promise<number> => {
    const moved = Float32Array.from(values, (value, i) => value + (distance * gradient[i]!) / length);
    return fn(tensor(x.backend, moved, x.shape)).item();
  };
  const slope = ((await at(h)) - (await at(-h))) / (2 * h);
  expect(Math.abs(slope / length - 1)).toBeLessThan(tolerance);
}
