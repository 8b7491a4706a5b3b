/**
 * Resizing images. The default is separable: one small matrix per axis, whose rows are the weights of one output
 * pixel, so that the gradient is the transposed product. Half-pixel centres, edges clamped.
 */
import type { TensorSpec } from '../dtype.ts';
import { ValueError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDTypes, checkRank } from './broadcast-shapes.ts';
import { tensor } from './create.ts';
import { defineOp } from './define-op.ts';
import { gather } from './gather.ts';
import { matmul } from './matmul.ts';
import { reshape } from './reshape.ts';

/** Interpolation kernels; `bicubic` is Keys' with a = −0.5. */
export type ResizeMethod = 'nearest' | 'bilinear' | 'bicubic';

interface ResizeAttributes {
  readonly method: ResizeMethod;
  readonly antialias: boolean;
  readonly height: number;
  readonly width: number;
}

/** The kernels: half their width in pixels, and the weight at a distance; `bicubic` is Keys' with a = −0.5. */
export const resizeKernels: Readonly<
  Record<'bilinear' | 'bicubic', { readonly support: number; readonly weight: (t: number) => number }>
> = {
  bilinear: { support: 1, weight: (t) => Math.max(1 - Math.abs(t), 0) },
  bicubic: {
    support: 2,
    weight: (t) => {
      const x = Math.abs(t);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
};

/**
 * Interpolation weights of one axis.
 *
 * @returns Row-major `[to, from]`; rows sum to 1. Taps outside the image count for the nearest pixel inside.
 * @see Keys 1981, "Cubic convolution interpolation for digital image processing"
 */
export function resizeWeights(
  from: number,
  to: number,
  method: 'bilinear' | 'bicubic',
  antialias: boolean,
): Float32Array {
  const { support, weight } = resizeKernels[method];
  const scale = from / to;
  const width = antialias ? Math.max(scale, 1) : 1;
  const weights = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale - 0.5;
    const first = Math.floor(center - support * width) + 1;
    const last = Math.ceil(center + support * width) - 1;
    const taps: [number, number][] = [];
    for (let j = first; j <= last; j++) taps.push([Math.min(Math.max(j, 0), from - 1), weight((j - center) / width)]);
    const total = taps.reduce((sum, [, w]) => sum + w, 0);
    for (const [j, w] of taps) weights[i * from + j]! += w / total;
  }
  return weights;
}

function nearestIndices(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to }, (_, i) => Math.min(Math.floor(((i + 0.5) * from) / to), from - 1));
}

const resizeOp = defineOp<ResizeAttributes>({
  name: 'resize',
  infer: ([x], { height, width }) => {
    checkDTypes('resize', [x!], ['f32']);
    checkRank('resize', 'an image [N, H, W, C]', x!, 4);
    checkSizes(x!, height, width);
    return [{ shape: [x!.shape[0]!, height, width, x!.shape[3]!], dtype: 'f32' }];
  },
  forward: ([x], { method, antialias, height, width }) => {
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    if (method === 'nearest') {
      const rows = gather(x!, tensor(x!.backend, nearestIndices(h, height)), 1);
      return [gather(rows, tensor(x!.backend, nearestIndices(w, width)), 2)];
    }
    const vertical = tensor(x!.backend, resizeWeights(h, height, method, antialias), [height, h]);
    const horizontal = tensor(x!.backend, resizeWeights(w, width, method, antialias), [width, w]);
    const rows = matmul(vertical, reshape(x!, [n, h, w * c]));
    return [reshape(matmul(horizontal, reshape(rows, [n * height, w, c])), [n, height, width, c])];
  },
});

function checkSizes(x: TensorSpec, height: number, width: number): void {
  const isValid = [height, width].every((n) => Number.isInteger(n) && n > 0) && x.shape[1]! > 0 && x.shape[2]! > 0;
  if (isValid) return;
  throw new ValueError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `resize: expected positive whole sizes, got [${x.shape}] to ${height}×${width}`,
    fix: 'Round the target size, and make sure the image is not empty',
  });
}

/** Target size and kernel. */
export interface ResizeOptions {
  readonly height: number;
  readonly width: number;
  /** Default `'bilinear'`. */
  readonly method?: ResizeMethod;
  /** Widen the kernel when shrinking, so that no detail folds back. Default false. */
  readonly antialias?: boolean;
}

/**
 * Resizes images.
 *
 * @param x  f32 `[N, H, W, C]`.
 * @returns f32 `[N, height, width, C]`.
 */
export function resize(x: Tensor, options: ResizeOptions): Tensor {
  const { height, width, method = 'bilinear', antialias = false } = options;
  return resizeOp([x], { method, antialias, height, width })[0]!;
}

/** Enlarges by a whole factor, repeating pixels. @param x  f32 `[N, H, W, C]` */
export function upsampleNearest(x: Tensor, factor: number): Tensor {
  return resize(x, { height: x.shape[1]! * factor, width: x.shape[2]! * factor, method: 'nearest' });
}
