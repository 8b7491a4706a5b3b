/**
 * onnxruntime's blocked image layout (NCHWc): channels in blocks of 8 or 16 that lie innermost, `[N, C/b, H, W, b]`. Its
 * convolutions are the fastest on processors that have it. For us it is one more order of axes, of an image seen with
 * its channels split: logical `[N, H, W, C/b, b]`. The engine's operators on it call their tensors `[N, C, H, W]`.
 */
import type { Shape } from '@vqkit/core';
import type { GraphBuilder, NodeAttributes } from '../model/builder.ts';
import type { AxisOrder } from './axes.ts';

/** Where the axes of `[N, H, W, C/b, b]` lie. */
export const blockedOrder: AxisOrder = [0, 3, 1, 2, 4];

/** Domain of the engine's operators on blocked images. */
export const blockedDomain = 'com.microsoft.nchwc';

/** An image's shape with its channels split, if the engine has blocks and they divide; the shape of the image otherwise. */
export function blockedShape(shape: Shape, block: number): Shape | undefined {
  const [n, h, w, c] = shape as [number, number, number, number];
  return shape.length === 4 && block > 0 && c % block === 0 ? [n, h, w, c / block, block] : undefined;
}

/** Whether values of this shape and order are a blocked image. */
export function isBlocked(shape: Shape, order: AxisOrder, block: number): boolean {
  return shape.length === 5 && shape[4] === block && block > 0 && order.every((axis, i) => axis === blockedOrder[i]);
}

/** The image's shape again, from that with split channels. */
export function imageShape([n, h, w, blocks, block]: Shape): [number, number, number, number] {
  return [n!, h!, w!, blocks! * block!];
}

/** A blocked image, named as we see it, as the engine's operators want it. */
export function asEngineImage(g: GraphBuilder, name: string, shape: Shape): string {
  const [n, h, w, c] = imageShape(shape);
  return g.op('Reshape', [name, g.ints([n, c, h, w])]);
}

/** The engine's blocked image as we see it. @param dims  Those that the engine gives it, if not `[N, C, H, W]`. */
export function fromEngineImage(g: GraphBuilder, name: string, shape: Shape, dims?: readonly number[]): string {
  const [n, h, w, c] = imageShape(shape);
  g.know(name, 'float', dims ?? [n, c, h, w]);
  return g.op('Reshape', [name, g.ints(blockedOrder.map((axis) => shape[axis]!))]);
}

/** Blocks of an NCHW or NHWC image. @param shape  That with split channels. */
export function intoBlocks(g: GraphBuilder, name: string, shape: Shape, isChannelsLast: boolean): string {
  const reordered = g.op('ReorderInput', [name], { channels_last: { int: isChannelsLast ? 1 : 0 } }, blockedDomain);
  return fromEngineImage(g, reordered, shape);
}

/** The NCHW or NHWC image of blocks. @param shape  That with split channels. */
export function outOfBlocks(g: GraphBuilder, name: string, shape: Shape, isChannelsLast: boolean): string {
  const attributes: NodeAttributes = {
    channels: { int: imageShape(shape)[3] },
    channels_last: { int: isChannelsLast ? 1 : 0 },
  };
  return g.op('ReorderOutput', [asEngineImage(g, name, shape)], attributes, blockedDomain);
}

/**
 * x·scale + shift + sum in one pass over a blocked image, with a scale and a shift for every plane: to the engine a
 * depthwise convolution with 1×1 filters and N·C channels. Twice as fast as Add for two images.
 *
 * @param x  Blocked, as we see it; so is `sum`, if given.
 * @param scale  `[N·C]` by name; so is `shift`, if given.
 */
export function affine(
  g: GraphBuilder,
  x: string,
  shape: Shape,
  { scale, shift, sum }: { readonly scale: string; readonly shift?: string; readonly sum?: string },
): string {
  const [n, h, w, c] = imageShape(shape);
  const planes = n * c;
  const row = [1, planes, 1, h * w];
  const flat = (name: string): string => g.op('Reshape', [name, g.ints(row)]);
  g.know(scale, 'float', [planes]);
  const inputs = [
    flat(x),
    g.op('Reshape', [scale, g.ints([planes, 1, 1, 1])]),
    ...(shift !== undefined || sum !== undefined ? [shift ?? ''] : []),
    ...(sum === undefined ? [] : [flat(sum)]),
  ];
  const attributes: NodeAttributes = { group: { int: planes }, kernel_shape: { ints: [1, 1] } };
  return fromEngineImage(g, g.op('Conv', inputs, attributes, blockedDomain), shape, row);
}
