/**
 * Group and layer normalisation with their gradients, on onnxruntime's LayerNormalization, which gives the moments as
 * well. With x̂ = (x − mean)·inv over a group of M values and d = dy·scale, the gradient is
 * dx = inv·(d − Σd/M − x̂·Σ(d·x̂)/M).
 */
import type { CompositeKernels, GraphNode } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { activated } from './activation.ts';
import { imageOrder } from './convolve.ts';

/** Rows normalised on their own: x̂ and inv, as `[rows, M]` and `[rows, 1]`. */
interface Standardized {
  readonly normalized: string;
  readonly inverse: string;
}

// LayerNormalization wants a scale for every value of a row; longer rows of ones would cost more than they save.
const longestRow = 2 ** 18;

function standardize({ g }: Lowering, rows: string, length: number, epsilon: number): Standardized {
  if (length <= longestRow) {
    const ones = g.filled(1, length);
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    const [normalized, , inverse] = g.opMany('LayerNormalization', [rows, ones], 3, attributes);
    return { normalized: normalized!, inverse: inverse! };
  }
  const mean = (x: string): string => g.op('ReduceMean', [x, g.ints([1])]);
  const centered = g.op('Sub', [rows, mean(rows)]);
  const variance = mean(g.op('Mul', [centered, centered]));
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon, 'float')])])]);
  return { normalized: g.op('Mul', [centered, inverse]), inverse };
}

/** Sizes of an image with its channels in groups. */
interface Grouping {
  readonly n: number;
  readonly channels: number;
  readonly pixels: number;
  readonly groups: number;
}

function groupingOf({ shape }: Operand, groups: number): Grouping {
  const [n, h, w, channels] = shape as [number, number, number, number];
  return { n, channels, pixels: h * w, groups };
}

function standardizeGroups(l: Lowering, x: Operand, grouping: Grouping, epsilon: number): Standardized {
  const { n, channels, pixels, groups } = grouping;
  const length = (channels / groups) * pixels;
  const rows = l.g.op('Reshape', [x.name(imageOrder), l.g.ints([n * groups, length])]);
  return standardize(l, rows, length, epsilon);
}

/** Lowers `groupNorm`. */
export function lowerGroupNorm(l: Lowering, node: GraphNode): Value {
  const { groups, epsilon, activation } = node.attributes as unknown as CompositeKernels['groupNorm'];
  const [x, scale, shift] = l.takeAll(node) as [Operand, Operand, Operand];
  const { g } = l;
  const { normalized } = standardizeGroups(l, x, groupingOf(x, groups), epsilon);
  const image = g.op('Reshape', [normalized, g.ints(imageOrder.map((axis) => x.shape[axis]!))]);
  const scaled = g.op('Mul', [image, perChannel(scale)]);
  const y = activated(l, g.op('Add', [scaled, perChannel(shift)]), activation);
  return l.result(node.outputs[0]!, y, { order: imageOrder });
}

/** A vector `[C]` as it meets NCHW images. */
function perChannel(vector: Operand): string {
  return vector.view([1, 1, 1, vector.size]).name(imageOrder);
}

/** Lowers `groupNormGrad`: sums over pixels first, so that all that follows is small but for the last steps. */
export function lowerGroupNormGrad(l: Lowering, node: GraphNode): Value[] {
  const { groups, epsilon } = node.attributes as unknown as CompositeKernels['groupNormGrad'];
  const [dy, x, scale] = l.takeAll(node) as [Operand, Operand, Operand];
  const { g } = l;
  const grouping = groupingOf(x, groups);
  const { n, channels, pixels } = grouping;
  const { normalized, inverse } = standardizeGroups(l, x, grouping, epsilon);
  const reshape = (name: string, dims: readonly number[]): string => g.op('Reshape', [name, g.ints(dims)]);
  const planes = [n, channels, pixels];
  const [gradient, image] = [reshape(dy.name(imageOrder), planes), reshape(normalized, planes)];
  const overPixels = (name: string): string => g.op('ReduceSum', [name, g.ints([2])]);
  const [sumDy, sumDyX] = [overPixels(gradient), overPixels(g.op('Mul', [gradient, image]))];

  const scales = scale.view([channels, 1]).name();
  const size = (channels / groups) * pixels;
  const groupMean = (sums: string): string => {
    const grouped = reshape(g.op('Mul', [sums, scales]), [n, groups, channels / groups, 1]);
    return g.op('Div', [g.op('ReduceSum', [grouped, g.ints([2])]), g.scalar(size, 'float')]);
  };
  const inverses = reshape(inverse, [n, groups, 1, 1]);
  const perGroup = (name: string): string => reshape(g.op('Mul', [name, inverses]), [n, groups, 1]);
  const factors = reshape(g.op('Mul', [reshape(scales, [1, groups, channels / groups, 1]), inverses]), [
    n,
    channels,
    1,
  ]);
  const rows = [n, groups, size];
  const pull = g.op('Add', [
    g.op('Mul', [reshape(normalized, rows), perGroup(groupMean(sumDyX))]),
    perGroup(groupMean(sumDy)),
  ]);
  const dx = g.op('Sub', [g.op('Mul', [gradient, factors]), reshape(pull, planes)]);

  const overBatch = (name: string): string => reshape(g.op('ReduceSum', [name, g.ints([0])]), [channels]);
  const [dxView, dScaleView, dShiftView] = node.outputs as [View, View, View];
  const dims = imageOrder.map((axis) => x.shape[axis]!);
  return [
    l.result(dxView, reshape(dx, dims), { order: imageOrder }),
    l.result(dScaleView, overBatch(sumDyX)),
    l.result(dShiftView, overBatch(sumDy)),
  ];
}

type View = GraphNode['outputs'][number];

/** Lowers `layerNorm`. */
export function lowerLayerNorm(l: Lowering, node: GraphNode): Value {
  const { epsilon } = node.attributes as unknown as CompositeKernels['layerNorm'];
  const [x, scale, shift] = l.takeAll(node) as [Operand, Operand, Operand];
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  return l.result(node.outputs[0]!, l.g.op('LayerNormalization', [x.name(), scale.name(), shift.name()], attributes));
}

/** Lowers `layerNormGrad`. */
export function lowerLayerNormGrad(l: Lowering, node: GraphNode): Value[] {
  const { epsilon } = node.attributes as unknown as CompositeKernels['layerNormGrad'];
  const [dy, x, scale] = l.takeAll(node) as [Operand, Operand, Operand];
  const { g } = l;
  const channels = scale.size;
  const rows = [x.size / channels, channels];
  const { normalized, inverse } = standardize(l, x.view(rows).name(), channels, epsilon);
  const gradient = dy.view(rows).name();
  const product = g.op('Mul', [gradient, normalized]);
  const d = g.op('Mul', [gradient, scale.name()]);
  const mean = (name: string): string => g.op('ReduceMean', [name, g.ints([1])]);
  const along = g.op('Mul', [normalized, mean(g.op('Mul', [product, scale.name()]))]);
  const dx = g.op('Mul', [g.op('Sub', [g.op('Sub', [d, mean(d)]), along]), inverse]);
  const overRows = (name: string): string => g.op('ReduceSum', [name, g.ints([0])], { keepdims: { int: 0 } });
  const [dxView, dScaleView, dShiftView] = node.outputs as [View, View, View];
  return [
    l.result(dxView, dx, { shape: rows }),
    l.result(dScaleView, overRows(product)),
    l.result(dShiftView, overRows(gradient)),
  ];
}
