/** Padding of images by reflection, or by repeating the edge. */
import { tidy } from '../tensor/scope.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { tensor } from './create.ts';
import { gather } from './gather.ts';

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
