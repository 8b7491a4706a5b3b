/**
 * Group normalisation and its gradient. With x̂ = (x − mean)·inv over a group of M values and d = dy·scale, the gradient
 * is dx = inv·(d − Σd/M − x̂·Σ(d·x̂)/M).
 *
 * On blocked images every step over pixels is a sum over planes or one scale and shift per plane; on NCHW images
 * LayerNormalization gives x̂ and inv. Moments are of centred values either way.
 */
import type { CompositeKernels, GraphView } from '@vqkit/core';
import { affine, blockedOrder } from '../blocked.ts';
import type { Lower, Lowering, Triple } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { activated } from './activation.ts';
import { planeProductsOf, planeSumsOf } from './blocked-images.ts';
import { imageOrder } from './convolve.ts';
import { standardize } from './layer-norm.ts';

/** An image in groups of channels, in whichever layout: steps over pixels, and per-plane numbers `[N, C]` between them. */
interface Grouped {
  readonly n: number;
  readonly channels: number;
  readonly groups: number;
  /** Values in one group. */
  readonly size: number;
  readonly isBlocked: boolean;
  /** image·scale + shift + sum, with a scale and a shift for every plane. */
  readonly scaled: (image: string, scale: string, shift?: string, sum?: string) => string;
  /** Sums over the pixels of every plane, `[N, C]`. */
  readonly sums: (image: string) => string;
  /** Says how to get those of an image without looking at it. */
  readonly setSums: (image: string, sums: () => string) => void;
  /** The same of the products of two images. */
  readonly products: (a: string, b: string) => string;
  /** An operand of the same shape, in this layout. */
  readonly take: (x: Operand) => string;
  readonly give: (view: GraphView, image: string) => Value;
}

function groupedOf(l: Lowering, x: Operand, groups: number): Grouped {
  const { g } = l;
  const [n, h, w, channels] = x.shape as [number, number, number, number];
  const sizes = { n, channels, groups, size: (channels / groups) * h * w };
  const blocks = x.blocks();
  if (blocks !== undefined) {
    const { shape } = blocks;
    return {
      ...sizes,
      isBlocked: true,
      scaled: (image, scale, shift, sum) =>
        affine(g, image, shape, { scale, ...(shift ? { shift } : {}), ...(sum ? { sum } : {}) }),
      sums: (image) => planeSumsOf(l, image, shape),
      setSums: (image, sums) => l.planeSums.set(image, sums),
      products: (a, b) => planeProductsOf(l, a, b, shape),
      take: (other) => other.blocks()!.name(blockedOrder),
      give: (view, name) => l.result(view, name, { shape, order: blockedOrder }),
    };
  }
  // Numbers of channels alone are the same for every image of the batch.
  const planes = (numbers: string): string => g.op('Reshape', [numbers, g.ints([-1, channels, 1, 1])]);
  const sums = (image: string): string => g.op('ReduceSum', [image, g.ints([2, 3])], { keepdims: { int: 0 } });
  const plus = (image: string, other: string | undefined): string => (other ? g.op('Add', [image, other]) : image);
  return {
    ...sizes,
    isBlocked: false,
    scaled: (image, scale, shift, sum) => plus(plus(g.op('Mul', [image, planes(scale)]), shift && planes(shift)), sum),
    sums,
    setSums: () => {},
    products: (a, b) => sums(g.op('Mul', [a, b])),
    take: (other) => other.name(imageOrder),
    give: (view, name) => l.result(view, name, { order: imageOrder }),
  };
}

/** Means over groups of sums over planes, as `[N, G, 1]`. */
function groupMeans({ g }: Lowering, { n, channels, groups, size }: Grouped, sums: string): string {
  const grouped = g.op('Reshape', [sums, g.ints([n, groups, channels / groups])]);
  return g.op('Mul', [g.op('ReduceSum', [grouped, g.ints([2])]), g.scalar(1 / size, 'float')]);
}

/** Numbers of groups `[N, G, 1]` times numbers of channels (or alone), for every plane: `[N, C]`. */
function perPlane({ g }: Lowering, { n, channels, groups }: Grouped, numbers: string, vector?: string): string {
  const factors = g.op('Reshape', [vector ?? g.filled(1, channels), g.ints([1, groups, channels / groups])]);
  return g.op('Reshape', [g.op('Mul', [numbers, factors]), g.ints([n, channels])]);
}

/** Numbers of channels for every plane: `[N, C]` on blocked images, else `[C]`, which is broadcast. */
function ofChannels({ g }: Lowering, { n, channels, isBlocked }: Grouped, vector: string): string {
  return isBlocked ? g.op('Expand', [vector, g.ints([n, channels])]) : vector;
}

/** An image of which x̂ = image·factor; the factor is one where it is left out. Both numbers are `[N, G, 1]`. */
interface Moments {
  readonly image: string;
  readonly factor: string | undefined;
  /** One over the deviation of x. */
  readonly inverse: string;
}

function momentsOf(l: Lowering, x: Operand, grouped: Grouped, epsilon: number): Moments {
  const { g } = l;
  const { n, channels, groups, size } = grouped;
  const image = grouped.take(x);
  if (x.blocks() === undefined) {
    const rows = g.op('Reshape', [image, g.ints([n * groups, size])]);
    const { normalized, inverse } = standardize(l, rows, size, epsilon);
    const whole = g.op('Reshape', [normalized, g.ints(imageOrder.map((axis) => x.shape[axis]!))]);
    return { image: whole, factor: undefined, inverse: g.op('Reshape', [inverse, g.ints([n, groups, 1])]) };
  }
  const means = perPlane(l, grouped, groupMeans(l, grouped, grouped.sums(image)));
  const shifts = g.op('Neg', [means]);
  const centered = grouped.scaled(image, g.filled(1, n * channels), shifts);
  grouped.setSums(centered, () => scaledSums(l, grouped, grouped.sums(image), undefined, shifts));
  const variance = groupMeans(l, grouped, grouped.products(centered, centered));
  const deviation = g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon, 'float')])]);
  const inverse = g.op('Reciprocal', [deviation]);
  return { image: centered, factor: inverse, inverse };
}

/** Sums over planes of image·scale + shift, of those of the image. */
function scaledSums(
  { g }: Lowering,
  { channels, groups, size }: Grouped,
  sums: string,
  scale: string | undefined,
  shift: string,
): string {
  const scaled = scale === undefined ? sums : g.op('Mul', [sums, scale]);
  const pixels = (size * groups) / channels;
  return g.op('Add', [scaled, g.op('Mul', [shift, g.scalar(pixels, 'float')])]);
}

/** Lowers `groupNorm`. */
export const lowerGroupNorm: Lower<CompositeKernels['groupNorm'], Triple> = (
  l,
  [x, scale, shift],
  { groups, epsilon, activation },
  [view],
) => {
  const grouped = groupedOf(l, x, groups);
  const { image, factor } = momentsOf(l, x, grouped, epsilon);
  const scales =
    factor === undefined ? ofChannels(l, grouped, scale.name()) : perPlane(l, grouped, factor, scale.name());
  const y = grouped.scaled(image, scales, ofChannels(l, grouped, shift.name()));
  return grouped.give(view, activated(l, y, activation));
};

/** Lowers `groupNormGrad`. */
export const lowerGroupNormGrad: Lower<CompositeKernels['groupNormGrad'], Triple, Triple<GraphView>> = (
  l,
  [dy, x, scale],
  { groups, epsilon },
  [dxView, dScaleView, dShiftView],
) => {
  const { g } = l;
  const grouped = groupedOf(l, x, groups);
  const { image, factor, inverse } = momentsOf(l, x, grouped, epsilon);
  const gradient = grouped.take(dy);
  const times = (a: string, b: string | undefined): string => (b === undefined ? a : g.op('Mul', [a, b]));
  const sums = grouped.sums(gradient);
  const products = grouped.products(gradient, image);
  const normalized = factor === undefined ? products : g.op('Mul', [products, perPlane(l, grouped, factor)]);
  const means = [sums, normalized].map((planes) => groupMeans(l, grouped, g.op('Mul', [planes, scale.name()])));
  const [meanD, meanDX] = means as [string, string];
  const back = (numbers: string): string => perPlane(l, grouped, g.op('Neg', [g.op('Mul', [inverse, numbers])]));
  const [slope, pull] = [back(times(meanDX, factor)), back(meanD)];
  const factors = perPlane(l, grouped, inverse, scale.name());
  const dx = grouped.scaled(gradient, factors, undefined, grouped.scaled(image, slope, pull));
  grouped.setSums(dx, () =>
    g.op('Add', [g.op('Mul', [sums, factors]), scaledSums(l, grouped, grouped.sums(image), slope, pull)]),
  );
  const overBatch = (planes: string): string => g.op('ReduceSum', [planes, g.ints([0])], { keepdims: { int: 0 } });
  return [grouped.give(dxView, dx), l.result(dScaleView, overBatch(normalized)), l.result(dShiftView, overBatch(sums))];
};
