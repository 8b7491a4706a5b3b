/**
 * Rotary places in two dimensions: pairs of numbers of queries and keys are turned by angles that grow with the row for
 * half of the pairs and with the column for the others, so that attention sees only how far apart positions are. Grids of
 * any size work, nothing is interpolated.
 *
 * @see Su et al. 2021 (RoFormer), arXiv:2104.09864; in two dimensions: Heo et al. 2024, arXiv:2403.13298 (axial)
 */
import { add, concat, mul, neg, split, type Tensor, tensor, tidy } from '@vqkit/core';

/** Wavelengths reach from 2π to so many positions. */
const longest = 100;

/**
 * Turns the pairs (i, i + D/2) of every position of a grid, row by row.
 *
 * @param x  f32 `[B, height·width, D]`, D a multiple of 4.
 * @returns The same shape.
 */
export function rotary(x: Tensor, height: number, width: number): Tensor {
  const [, positions, depth] = x.shape as [number, number, number];
  const pairs = depth / 2;
  const ofAxis = pairs / 2;
  const angles = Float32Array.from({ length: positions * depth }, (_, i) => {
    const pair = (i % depth) % pairs;
    const at = Math.floor(i / depth);
    const place = pair < ofAxis ? Math.floor(at / width) : at % width;
    return place * longest ** (-(pair % ofAxis) / ofAxis);
  });
  const table = (fn: (angle: number) => number): Tensor =>
    tensor(x.backend, angles.map(fn), [1, height * width, depth]);
  return tidy(() => {
    const [a, b] = split(x, [pairs, pairs]) as [Tensor, Tensor];
    return add(mul(x, table(Math.cos)), mul(concat([neg(b), a], -1), table(Math.sin)));
  });
}
