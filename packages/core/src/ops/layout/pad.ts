/** Padding with a constant, by reflection, or by repeating the edge. */
import { ShapeError } from '../../errors.ts';
import { tidy } from '../../tensor/scope.ts';
import { share, type Tensor } from '../../tensor/tensor.ts';
import { tensor } from '../create/create.ts';
import { defineOp } from '../define-op.ts';
import { gather } from '../index/index-ops.ts';
import { slice } from './slice.ts';

interface PadAttributes {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

const padOp = defineOp<PadAttributes>({
  name: 'pad',
  infer: ([x], { before, after }) => {
    const isValid = [before, after].every(
      (list) => list.length === x!.shape.length && list.every((n) => Number.isInteger(n) && n >= 0),
    );
    if (!isValid) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `pad: expected ${x!.shape.length} whole numbers ≥ 0 before and after, got [${before}] and [${after}]`,
        fix: 'Give one number per axis; use slice to crop',
      });
    }
    return [{ shape: x!.shape.map((n, i) => before[i]! + n + after[i]!), dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], gradients: [dy], attributes: { before } }) => [slice(dy!, before, { size: x!.shape })],
});

/** Puts `before[i]` and `after[i]` elements of `value` around axis i. @throws ShapeError `SHAPE_MISMATCH` */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  return [...before, ...after].every((n) => n === 0) ? share(x) : padOp([x], { before, after, value })[0]!;
}

/** Rows and columns around an image: `[top, left, bottom, right]`. */
export type ImagePads = readonly [number, number, number, number];

/**
 * Pads an image by reflecting it at its border pixels, which are not repeated (dcb|abcd|cba).
 *
 * @param x  `[N, H, W, C]`; pads must be smaller than the image, or any size when the image is one pixel wide (then it is repeated).
 */
export function padReflect(x: Tensor, pads: ImagePads): Tensor {
  return padByIndex(x, pads, (i, n) => {
    if (n === 1) return 0;
    const period = 2 * (n - 1);
    const at = ((i % period) + period) % period;
    return at < n ? at : period - at;
  });
}

/** Pads an image by repeating its border pixels. @param x  `[N, H, W, C]` */
export function padEdge(x: Tensor, pads: ImagePads): Tensor {
  return padByIndex(x, pads, (i, n) => Math.min(Math.max(i, 0), n - 1));
}

function padByIndex(
  x: Tensor,
  [top, left, bottom, right]: ImagePads,
  source: (i: number, n: number) => number,
): Tensor {
  const along = (image: Tensor, axis: number, before: number, after: number): Tensor => {
    if (before === 0 && after === 0) return share(image);
    const n = image.shape[axis]!;
    const indices = Uint32Array.from({ length: before + n + after }, (_, i) => source(i - before, n));
    return gather(image, tensor(image.backend, indices), axis);
  };
  return tidy(() => along(along(x, 1, top, bottom), 2, left, right));
}
