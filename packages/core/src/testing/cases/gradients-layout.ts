/** Gradients of ops that move values: shapes, slices, joins, pads, indices. */

import { hostTensor } from '../../cpu/host-kernel.ts';
import {
  broadcastTo,
  codeStatistics,
  concat,
  flip,
  gather,
  nearestCode,
  pad,
  padEdge,
  padReflect,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  scatterAdd,
  slice,
  split,
  square,
  stack,
  sumTo,
  type Tensor,
  takePerRow,
  transpose,
} from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { gradientCase } from '../gradient-case.ts';
import { noise } from '../samples.ts';

/** Moves of one tensor, applied to squares so that gradients differ from element to element. */
const moves: readonly (readonly [string, (x: Tensor) => unknown, number[]])[] = [
  ['transpose', (x) => transpose(x, [2, 0, 1]), [2, 3, 2]],
  ['reshape', (x) => reshape(x, [3, 4]), [2, 3, 2]],
  ['broadcast', (x) => broadcastTo(x, [2, 3, 2]), [3, 1]],
  ['sumTo', (x) => sumTo(x, [3, 1]), [2, 3, 2]],
  ['slice', (x) => slice(x, [1, 0], { size: [2, 2] }), [4, 3]],
  ['slice with steps', (x) => slice(x, [1, 0], { step: [2, 2] }), [6, 3]],
  ['slice backwards', (x) => slice(x, [4, 2], { size: [2, 3], step: [-3, -1] }), [6, 3]],
  ['flip', (x) => flip(x, [1]), [2, 3]],
  ['split', (x) => split(x, [1, 3]), [2, 4]],
  ['one part of a split', (x) => split(x, [1, 3])[1], [2, 4]],
  ['pad', (x) => pad(x, [1, 0], [0, 2], 3), [2, 3]],
  ['padReflect', (x) => padReflect(x, [1, 2, 0, 1]), [1, 2, 3, 2]],
  ['padEdge', (x) => padEdge(x, [1, 2, 0, 1]), [1, 2, 3, 2]],
  ['pixelShuffle', (x) => pixelShuffle(x, 2), [1, 2, 1, 8]],
  ['pixelUnshuffle', (x) => pixelUnshuffle(x, 2), [1, 4, 2, 2]],
];

const u32 = (...values: number[]) => hostTensor('u32', [values.length], values);

/** Gradients of layout and index ops. */
export const layoutGradientCases: readonly ConformanceCase[] = [
  ...moves.map(([name, fn, shape]) =>
    gradientCase(
      name,
      (x) => fn(square(x)),
      () => [noise(shape, 221, 0.2, 2)],
    ),
  ),
  gradientCase(
    'concat',
    (a, b, c) => concat([square(a), b, square(c)], 1),
    () => [noise([2, 1], 222), noise([2, 3], 223), noise([2, 2], 224)],
  ),
  gradientCase(
    'stack',
    (a, b) => stack([square(a), b, a], 1),
    () => [noise([2, 3], 225), noise([2, 3], 226)],
  ),
  gradientCase(
    'gather with repeats',
    (x, i) => gather(square(x), i),
    () => [noise([4, 2], 227), u32(2, 0, 2, 2)],
  ),
  gradientCase(
    'gather along 1',
    (x, i) => gather(square(x), i, 1),
    () => [noise([2, 4], 228), u32(3, 0, 3)],
  ),
  gradientCase(
    'scatterAdd',
    (x, i) => scatterAdd(i, square(x), { size: 5 }),
    () => [noise([4, 2], 229), u32(2, 0, 2, 4)],
  ),
  gradientCase(
    'takePerRow',
    (x, i) => takePerRow(square(x), i),
    () => [noise([3, 4], 230), u32(3, 0, 3)],
  ),
  gradientCase(
    'nearestCode distances',
    (x, codes) => nearestCode(x, codes).distances,
    () => [hostTensor('f32', [3, 2], [0.1, 0.2, 1.8, 2.1, 2.2, 1.7]), hostTensor('f32', [3, 2], [0, 0, 2, 2, -3, 1])],
  ),
  gradientCase(
    'codeStatistics',
    (x, i) => codeStatistics(square(x), i, 4),
    () => [noise([5, 2], 231), u32(0, 3, 3, 1, 0)],
  ),
];
