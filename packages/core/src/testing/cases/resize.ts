/** Resizing and pixel shuffles against their defaults. */
import { pixelShuffle, pixelUnshuffle, type ResizeMethod, resize } from '../../index.ts';
import { exact } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { opCase } from '../op-case.ts';
import { noise } from '../samples.ts';

/** Image, target height and width: larger, smaller, one way each, one pixel, the same. */
const targets: readonly (readonly [readonly number[], number, number])[] = [
  [[1, 4, 5, 3], 8, 10],
  [[2, 7, 9, 1], 3, 4],
  [[1, 5, 8, 4], 11, 3],
  [[1, 1, 1, 2], 3, 5],
  [[1, 6, 6, 2], 1, 1],
  [[1, 5, 4, 3], 5, 4],
  [[1, 16, 12, 5], 6, 12],
];

const methods: readonly ResizeMethod[] = ['nearest', 'bilinear', 'bicubic'];

const resizes = methods.flatMap((method) =>
  [false, true].flatMap((antialias) =>
    targets.map(([shape, height, width]) =>
      opCase(
        `composite: resize ${method}${antialias ? ' antialiased' : ''} [${shape}] to ${height}×${width}`,
        (x) => resize(x, { method, antialias, height, width }),
        () => [noise(shape, 331, 0, 1)],
        // Weights may be computed in float32 by an override: positions up to 16 carry 1e-6.
        { relative: 1e-5, absolute: 1e-5 },
      ),
    ),
  ),
);

const shuffles = [1, 2, 3].flatMap((factor) => [
  opCase(
    `composite: pixelShuffle by ${factor}`,
    (x) => pixelShuffle(x, factor),
    () => [noise([2, 3, 2, 5 * factor ** 2], 332)],
    exact,
  ),
  opCase(
    `composite: pixelUnshuffle by ${factor}`,
    (x) => pixelUnshuffle(x, factor),
    () => [noise([2, 2 * factor, 3 * factor, 5], 333)],
    exact,
  ),
]);

/** Images in other sizes. */
export const resizeCases: readonly ConformanceCase[] = [...resizes, ...shuffles];
