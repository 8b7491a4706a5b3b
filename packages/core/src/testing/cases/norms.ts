/** Group, layer and batch norms and their gradients against their defaults. */
import { batchNorm, groupNorm, layerNorm, vjp } from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { opCase } from '../op-case.ts';
import { noise } from '../samples.ts';

const affine = (channels: number) => [noise([channels], 302, 0.5, 1.5), noise([channels], 303)];

/** Image shape, groups. */
const groupings: readonly (readonly [readonly number[], number])[] = [
  [[1, 1, 1, 4], 2],
  [[2, 5, 3, 8], 4],
  [[1, 7, 7, 6], 1],
  [[2, 4, 4, 6], 6],
  [[1, 9, 11, 64], 32],
  [[3, 16, 16, 12], 3],
];

const groupNorms = groupings.flatMap(([shape, groups]) => [
  ...(['none', 'silu'] as const).map((activation) =>
    opCase(
      `composite: groupNorm [${shape}], ${groups} groups, ${activation}`,
      (x, s, b) => groupNorm(x, s, b, { groups, activation, epsilon: 1e-5 }),
      () => [noise(shape, 304, 0, 3), ...affine(shape[3]!)],
    ),
  ),
  opCase(
    `composite: groupNormGrad [${shape}], ${groups} groups`,
    (x, s, b, dy) => vjp((...p) => [groupNorm(p[0]!, p[1]!, p[2]!, { groups, epsilon: 1e-5 })], [x, s, b], [dy]),
    () => [noise(shape, 304, 0, 3), ...affine(shape[3]!), noise(shape, 305)],
    { relative: 1e-3, absolute: 1e-3 },
  ),
]);

const layerNorms = [
  [3, 8],
  [2, 5, 7],
  [1, 1],
  [4, 513],
  [0, 6],
].flatMap((shape) => [
  opCase(
    `composite: layerNorm [${shape}]`,
    (x, s, b) => layerNorm(x, s, b),
    () => [noise(shape, 306, -3, 5), ...affine(shape.at(-1)!)],
  ),
  opCase(
    `composite: layerNormGrad [${shape}]`,
    (x, s, b, dy) => vjp((...p) => [layerNorm(p[0]!, p[1]!, p[2]!)], [x, s, b], [dy]),
    () => [noise(shape, 306, -3, 5), ...affine(shape.at(-1)!), noise(shape, 307)],
    { relative: 1e-3, absolute: 1e-3 },
  ),
]);

/** Norms. */
export const normCases: readonly ConformanceCase[] = [
  ...groupNorms,
  ...layerNorms,
  opCase(
    'composite: layerNorm of 70,001 rows',
    (x, s, b) => layerNorm(x, s, b),
    () => [noise([70_001, 4], 317, -3, 3), ...affine(4)],
  ),
  opCase(
    'composite: batchNorm',
    (x, s, b) => batchNorm(x, s, b),
    () => [noise([3, 4, 5, 6], 318), ...affine(6)],
  ),
];
