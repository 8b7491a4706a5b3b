/**
 * `pool2dGrad`, channels-first. For maxima the input is split into phases (the pixels at the same place of every
 * stride), so that what a window sees at one place is one slice of a phase; comparing places one after the other finds
 * the first maximum. That is plain elementwise work, several times as fast as the engine's pooling with indices.
 */
import type { Pool2dAttributes } from '@vqkit/core';
import type { Lower, Lowering, Pair } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import type { Operand } from '../value.ts';
import { imageOrder } from './convolve.ts';
import { repeated } from './images.ts';
import { poolingWindow } from './pool2d.ts';

/** Lowers `pool2dGrad`. */
export const lowerPool2dGrad: Lower<Pool2dAttributes, Pair> = (l, [x, dy], attributes, [view]) => {
  if (x.size === 0 || dy.size === 0) return l.splat(view, 0);
  const name = attributes.op === 'max' ? maxGrad(l, x, dy, attributes) : averageGrad(l, x, dy, attributes);
  return l.result(view, name, { order: imageOrder });
};

type Sizes = [number, number, number, number];

/** How an image is split into phases. */
interface Phases {
  readonly n: number;
  readonly channels: number;
  readonly strides: readonly [number, number];
  /** Rows and columns of one phase. */
  readonly size: readonly [number, number];
}

function maxGrad(l: Lowering, x: Operand, dy: Operand, attributes: Pool2dAttributes): string {
  const { g } = l;
  const { size, strides, pads } = attributes;
  const [n, h, w, channels] = x.shape as Sizes;
  const [, ho, wo] = dy.shape as Sizes;
  const phaseSize = [0, 1].map((i) => [ho, wo][i]! + Math.floor((size[i]! - 1) / strides[i]!)) as [number, number];
  const phases: Phases = { n, channels, strides, size: phaseSize };
  const [height, width] = [phaseSize[0] * strides[0], phaseSize[1] * strides[1]];
  const image = x.name(imageOrder);
  // Cut off what no window sees, and let the outside never be a maximum.
  const frame = [0, 0, pads[0], pads[1], 0, 0, height - h - pads[0], width - w - pads[1]];
  const padded = g.op('Pad', [image, g.ints(frame), g.scalar(Number.NEGATIVE_INFINITY, 'float')]);
  const split = splitPhases(l, padded, phases);
  const maxima = g.op('MaxPool', [image], poolingWindow(attributes));
  const gradient = dy.name(imageOrder);

  const sums = new Map<number, string>();
  let isOpen: string | undefined;
  for (let ky = 0; ky < size[0]; ky++) {
    for (let kx = 0; kx < size[1]; kx++) {
      const [top, left] = [Math.floor(ky / strides[0]), Math.floor(kx / strides[1])];
      const phase = (ky % strides[0]) * strides[1] + (kx % strides[1]);
      const seen = slicePhase(l, split, phase, [top, left], [n, channels, ho, wo]);
      const isMaximum = g.op('Equal', [seen, maxima]);
      const isFirst = isOpen === undefined ? isMaximum : g.op('And', [isMaximum, isOpen]);
      const isOther = g.op('Not', [isMaximum]);
      isOpen = isOpen === undefined ? isOther : g.op('And', [isOpen, isOther]);
      const share = g.op('Where', [isFirst, gradient, g.scalar(0, 'float')]);
      const place = [0, 0, top, left, 0, 0, phaseSize[0] - ho - top, phaseSize[1] - wo - left];
      const placed = g.op('Pad', [share, g.ints(place), g.scalar(0, 'float')]);
      const sum = sums.get(phase);
      sums.set(phase, sum === undefined ? placed : g.op('Add', [sum, placed]));
    }
  }
  const joined = joinPhases(l, sums, phases);
  return g.op('Pad', [joined, g.ints(frame.map((p) => -p)), g.scalar(0, 'float')]);
}

/** `[N, C, H·sy, W·sx]` → `[N·C, sy·sx, H, W]`. */
function splitPhases(l: Lowering, image: string, { n, channels, strides: [sy, sx], size: [h, w] }: Phases): string {
  const planes = n * channels;
  const split = transposed(l, image, [planes, h, sy, w, sx], [0, 2, 4, 1, 3]);
  return l.g.op('Reshape', [split, l.g.ints([planes, sy * sx, h, w])]);
}

/** What windows see of one phase, as NCHW. */
function slicePhase({ g }: Lowering, split: string, phase: number, begin: readonly number[], sizes: Sizes): string {
  const [top, left] = begin as [number, number];
  const starts = g.ints([phase, top, left]);
  const ends = g.ints([phase + 1, top + sizes[2], left + sizes[3]]);
  return g.op('Reshape', [g.op('Slice', [split, starts, ends, g.ints([1, 2, 3])]), g.ints(sizes)]);
}

/** The phases put back together; those that no window sees are zero. */
function joinPhases(l: Lowering, sums: ReadonlyMap<number, string>, phases: Phases): string {
  const { n, channels, strides, size } = phases;
  const { g } = l;
  const [sy, sx] = strides;
  const [h, w] = size;
  const planes = n * channels;
  const zeros = (): string => g.op('Expand', [g.scalar(0, 'float'), g.ints([planes, 1, h, w])]);
  const parts = Array.from({ length: sy * sx }, (_, phase) => {
    const sum = sums.get(phase);
    return sum === undefined ? zeros() : g.op('Reshape', [sum, g.ints([planes, 1, h, w])]);
  });
  const all = parts.length === 1 ? parts[0]! : g.op('Concat', parts, { axis: { int: 1 } });
  const pixels = transposed(l, all, [planes, sy, sx, h, w], [0, 3, 1, 4, 2]);
  return g.op('Reshape', [pixels, g.ints([n, channels, h * sy, w * sx])]);
}

/**
 * A transposed convolution with a constant window, every channel an image of its own; or repeated pixels where windows
 * lie side by side.
 */
function averageGrad(l: Lowering, x: Operand, dy: Operand, { size, strides, pads }: Pool2dAttributes): string {
  const { g } = l;
  const [n, h, w, c] = x.shape as Sizes;
  const [, ho, wo] = dy.shape as Sizes;
  if (ho * size[0] === h && wo * size[1] === w && strides.every((s, i) => s === size[i])) {
    const shares = g.op('Mul', [dy.name(imageOrder), g.scalar(1 / (size[0] * size[1]), 'float')]);
    return repeated(l, shares, [n, c, h, w]);
  }
  const images = g.op('Reshape', [dy.name(imageOrder), g.ints([n * c, 1, ho, wo])]);
  const weight = new Float32Array(size[0] * size[1]).fill(1 / (size[0] * size[1]));
  const rest = [h, w].map(
    (extent, i) => extent - (([ho, wo][i]! - 1) * strides[i]! + size[i]! - pads[i]! - pads[i + 2]!),
  );
  const name = g.op('ConvTranspose', [images, g.constant(weight, [1, 1, ...size], 'float')], {
    kernel_shape: { ints: size },
    strides: { ints: strides },
    pads: { ints: pads },
    output_padding: { ints: rest },
  });
  return g.op('Reshape', [name, g.ints([n, c, h, w])]);
}
