/**
 * One convolution with what follows it, in the fastest way that the engine has: in onnxruntime's blocked layout
 * (NCHWc) where the processor has one, else as an ONNX Conv on NCHW images, or as a matrix product for 1×1 filters on
 * values that lie channels-last.
 */
import type { Activation, Conv2dAttributes } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import { type AxisOrder, channelsFirst, identityOrder } from '../axes.ts';
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';
import { activated } from './activation.ts';
import { widenedFilter } from './filters.ts';

/** NCHW. */
export const imageOrder = channelsFirst(4);
/** `[kh, kw, cin, cout]` as `[cout, cin, kh, kw]`. */
export const filterOrder: AxisOrder = [3, 2, 0, 1];

const blockedDomain = 'com.microsoft.nchwc';

/** A convolution: activation(conv(x, filter) + bias) + residual. */
export interface Convolution {
  /** Logical `[N, H, W, Cin]`. */
  readonly x: Operand;
  /** Logical `[kh, kw, Cin, Cout]`. */
  readonly filter: Operand;
  readonly window: Conv2dAttributes;
  readonly bias?: Operand | undefined;
  readonly activation?: Activation;
  readonly residual?: Operand | undefined;
}

/** A result that lies in some order of its logical axes `[N, Ho, Wo, Cout]`. */
export interface Placed {
  readonly name: string;
  readonly order: AxisOrder;
}

/** Adds the nodes of a convolution. */
export function convolve(l: Lowering, conv: Convolution): Placed {
  const { x, filter, window } = conv;
  if (isPointwise(window, filter) && !x.has(imageOrder)) return pointwise(l, conv);
  const [kh, kw, cin] = filter.shape as [number, number, number, number];
  const isBlockable = cin < l.dialect.blockSize || cin % l.dialect.blockSize === 0;
  if (l.dialect.blockSize > 0 && kh * kw > 1 && isBlockable) return blocked(l, conv);
  const inputs = [x.name(imageOrder), filter.name(filterOrder), ...(conv.bias ? [conv.bias.name()] : [])];
  const name = l.g.op('Conv', inputs, windowOf(window, filter));
  return { name: finished(l, name, conv, imageOrder), order: imageOrder };
}

/** ONNX attributes of a convolution. */
export function windowOf({ strides, pads, dilations }: Conv2dAttributes, filter: Operand): NodeAttributes {
  return {
    kernel_shape: { ints: filter.shape.slice(0, 2) },
    strides: { ints: strides },
    pads: { ints: pads },
    dilations: { ints: dilations },
  };
}

/** Whether a convolution only mixes channels. */
function isPointwise({ strides, pads }: Conv2dAttributes, filter: Operand): boolean {
  const isUnit = filter.shape[0] === 1 && filter.shape[1] === 1;
  return isUnit && strides.every((s) => s === 1) && pads.every((p) => p === 0);
}

/** Activation and residual, of values that lie in `order`. */
function finished(l: Lowering, name: string, { activation = 'none', residual }: Convolution, order: AxisOrder): string {
  const y = activated(l, name, activation);
  return residual ? l.g.op('Add', [y, residual.name(order)]) : y;
}

/** Rows of pixels times a matrix. */
function pointwise(l: Lowering, conv: Convolution): Placed {
  const { x, filter, bias } = conv;
  const [n, h, w, cin] = x.shape as [number, number, number, number];
  const cout = filter.shape[3]!;
  const product = l.g.op('MatMul', [x.view([n * h * w, cin]).name(), filter.view([cin, cout]).name()]);
  const rows = bias ? l.g.op('Add', [product, bias.name()]) : product;
  const name = l.g.op('Reshape', [rows, l.g.ints([n, h, w, cout])]);
  return { name: finished(l, name, conv, identityOrder(4)), order: identityOrder(4) };
}

/**
 * In blocked layout: images `[N, C/b, H, W, b]`, filters `[O/b, I/b, kh, kw, b (in), b (out)]`. Images of fewer than b
 * channels are read from NCHW. The engine's types say `[N, C, H, W]` all the same.
 */
function blocked(l: Lowering, conv: Convolution): Placed {
  const { x, filter, window, bias, activation = 'none', residual } = conv;
  const { g } = l;
  const b = l.dialect.blockSize;
  const cin = filter.shape[2]!;
  const cout = filter.shape[3]!;
  const wide = Math.ceil(cout / b) * b;
  const isSummed = residual !== undefined && activation === 'none' && wide === cout;
  const inputs = [
    cin < b ? x.name(imageOrder) : blockedImage(l, x.name(imageOrder)),
    blockedFilter(l, widenedFilter(l, filter, wide)),
    ...(bias || isSummed ? [bias ? widenedBias(l, bias, wide) : ''] : []),
    ...(isSummed ? [blockedImage(l, residual.name(imageOrder))] : []),
  ];
  const y = g.op('Conv', inputs, windowOf(window, filter), blockedDomain);
  const name = g.op('ReorderOutput', [y], { channels: { int: cout } }, blockedDomain);
  if (wide === cout) l.alsoBlocked(name, y);
  const rest = isSummed ? { ...conv, residual: undefined } : conv;
  return { name: finished(l, name, rest, imageOrder), order: imageOrder };
}

/** The blocked form of an NCHW image; none is made where the image came from one. */
function blockedImage(l: Lowering, name: string): string {
  return l.blockedForm(name) ?? l.g.op('ReorderInput', [name], {}, blockedDomain);
}

function blockedFilter(l: Lowering, filter: Operand): string {
  const b = l.dialect.blockSize;
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  const name =
    cin < b
      ? filter.view([kh, kw, cin, cout / b, b]).name([3, 2, 0, 1, 4])
      : filter.view([kh, kw, cin / b, b, cout / b, b]).name([4, 2, 0, 1, 3, 5]);
  return l.g.op('Reshape', [name, l.g.ints([cout, cin, kh, kw])]);
}

function widenedBias({ g }: Lowering, bias: Operand, cout: number): string {
  const missing = cout - bias.size;
  return missing === 0 ? bias.name() : g.op('Pad', [bias.name(), g.ints([0, missing]), g.scalar(0, 'float')]);
}
