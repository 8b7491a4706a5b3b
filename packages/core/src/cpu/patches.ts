/** Between images and rows of patches: the indexing that a convolution and its two gradients share. */
import type { Conv2dAttributes } from '../backend/kernels.ts';
import type { Shape, TypedArray } from '../dtype.ts';

/** Where the patch of every output pixel lies in the input. Offsets are in elements; −1 marks a place outside. */
export interface PatchPlan {
  /** Output pixels, over the whole batch. */
  readonly pixels: number;
  /** Output pixels handled at a time. */
  readonly tile: number;
  /** Elements of one patch: kh · kw · Cin. */
  readonly patchSize: number;
  /** Contiguous elements at each place of the window: Cin. */
  readonly channels: number;
  /** Fills in the offset of every place of the window of output pixel `pixel`. */
  readonly offsetsOf: (pixel: number) => Int32Array;
}

/** Plans the patches of a convolution from input `[N,H,W,Cin]` by `[kh,kw,Cin,Cout]` to `[N,Ho,Wo,Cout]`. */
export function planPatches(input: Shape, filter: Shape, output: Shape, attributes: Conv2dAttributes): PatchPlan {
  const [, height, width, channels] = input as [number, number, number, number];
  const [kh, kw] = filter as [number, number, number, number];
  const [n, ho, wo] = output as [number, number, number, number];
  const { strides, pads, dilations } = attributes;
  const offsets = new Int32Array(kh * kw);
  const offsetsOf = (pixel: number): Int32Array => {
    const image = Math.floor(pixel / (ho * wo));
    const top = (Math.floor(pixel / wo) % ho) * strides[0] - pads[0];
    const left = (pixel % wo) * strides[1] - pads[1];
    for (let ky = 0, at = 0; ky < kh; ky++) {
      const y = top + ky * dilations[0];
      for (let kx = 0; kx < kw; kx++, at++) {
        const x = left + kx * dilations[1];
        const isInside = y >= 0 && y < height && x >= 0 && x < width;
        offsets[at] = isInside ? ((image * height + y) * width + x) * channels : -1;
      }
    }
    return offsets;
  };
  // 64 pixels: a tile of patches stays in the second-level cache for 3×3 windows over some hundred channels.
  return { pixels: n * ho * wo, tile: 64, patchSize: kh * kw * channels, channels, offsetsOf };
}

/** Copies the patches of up to `tile` pixels from `first` on into the rows of `rows`; returns how many. */
export function gatherPatches(plan: PatchPlan, image: TypedArray, first: number, rows: Float64Array): number {
  const { channels } = plan;
  const count = Math.min(plan.tile, plan.pixels - first);
  let at = 0;
  for (let p = 0; p < count; p++) {
    for (const offset of plan.offsetsOf(first + p)) {
      if (offset < 0) rows.fill(0, at, at + channels);
      else for (let c = 0; c < channels; c++) rows[at + c] = image[offset + c]!;
      at += channels;
    }
  }
  return count;
}

/** The transpose of `gatherPatches`: adds rows of patches back to where they came from. */
export function addPatches(plan: PatchPlan, rows: Float64Array, first: number, image: Float64Array): void {
  const { channels } = plan;
  const count = Math.min(plan.tile, plan.pixels - first);
  let at = 0;
  for (let p = 0; p < count; p++) {
    for (const offset of plan.offsetsOf(first + p)) {
      if (offset >= 0) for (let c = 0; c < channels; c++) image[offset + c]! += rows[at + c]!;
      at += channels;
    }
  }
}

/** Writes the transpose of a `rows × columns` matrix, densely, to the start of `target`. */
export function transposeInto(
  source: TypedArray | Float64Array,
  target: Float64Array,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) target[j * rows + i] = source[i * columns + j]!;
  }
}
