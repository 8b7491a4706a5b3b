/** Trading channels for pixels and back, in the channel order of PyTorch: c·r² + dy·r + dx. */
import { ShapeError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkRank } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { transpose } from './layout.ts';
import { reshape } from './reshape.ts';

type Image = [number, number, number, number];

const pixelShuffleOp = defineOp<{ readonly factor: number }>({
  name: 'pixelShuffle',
  infer: ([x], { factor: r }) => {
    checkRank('pixelShuffle', 'an image [N, H, W, C]', x!, 4);
    const [n, h, w, c] = x!.shape as Image;
    checkDivides('pixelShuffle', `channels that divide by ${r * r}`, c, r * r);
    return [{ shape: [n, h * r, w * r, c / (r * r)], dtype: x!.dtype }];
  },
  forward: ([x], { factor: r }) => {
    const [n, h, w, c] = x!.shape as Image;
    const parts = reshape(x!, [n, h, w, c / (r * r), r, r]);
    return [reshape(transpose(parts, [0, 1, 4, 2, 5, 3]), [n, h * r, w * r, c / (r * r)])];
  },
  gradient: ({ gradients: [dy], attributes: { factor } }) => [pixelUnshuffle(dy!, factor)],
});

const pixelUnshuffleOp = defineOp<{ readonly factor: number }>({
  name: 'pixelUnshuffle',
  infer: ([x], { factor: r }) => {
    checkRank('pixelUnshuffle', 'an image [N, H, W, C]', x!, 4);
    const [n, h, w, c] = x!.shape as Image;
    checkDivides('pixelUnshuffle', `a height that divides by ${r}`, h, r);
    checkDivides('pixelUnshuffle', `a width that divides by ${r}`, w, r);
    return [{ shape: [n, h / r, w / r, c * r * r], dtype: x!.dtype }];
  },
  forward: ([x], { factor: r }) => {
    const [n, h, w, c] = x!.shape as Image;
    const parts = reshape(x!, [n, h / r, r, w / r, r, c]);
    return [reshape(transpose(parts, [0, 1, 3, 5, 2, 4]), [n, h / r, w / r, c * r * r])];
  },
  gradient: ({ gradients: [dy], attributes: { factor } }) => [pixelShuffle(dy!, factor)],
});

function checkDivides(name: string, expected: string, size: number, factor: number): void {
  if (size % factor === 0) return;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `${name}: expected ${expected}, got ${size}`,
    fix: 'Pad the image, or choose another factor',
  });
}

/**
 * Turns channels into pixels.
 *
 * @param x  `[N, H, W, C·r²]`.
 * @param factor  r.
 * @returns `[N, H·r, W·r, C]`.
 * @see Shi et al. 2016, arXiv:1609.05158
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  return pixelShuffleOp([x], { factor })[0]!;
}

/** The inverse of `pixelShuffle`: `[N, H·r, W·r, C]` → `[N, H, W, C·r²]`. */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  return pixelUnshuffleOp([x], { factor })[0]!;
}
