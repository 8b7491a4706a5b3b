/**
 * One convolution with what follows it, in the fastest way that the engine has: in onnxruntime's blocked layout
 * (NCHWc) where the processor has one, else on NCHW images by Winograd's algorithm or as an ONNX Conv, or as a matrix
 * product for 1×1 filters on values that lie channels-last.
 */
import type { Activation, Conv2dAttributes, GraphView, Shape } from '@vqkit/core';
import type { NodeAttributes } from '../../model/builder.ts';
import { type AxisOrder, channelsFirst, identityOrder } from '../axes.ts';
import { asEngineImage, blockedDomain, blockedOrder, blockedShape, fromEngineImage } from '../blocked.ts';
import { operatorOf } from '../element-types.ts';
import type { Lowering } from '../lowering.ts';
import { type Form, type Operand, Value } from '../value.ts';
import { activated } from './activation.ts';
import { blockedSum } from './blocked-images.ts';
import { blockedFilter, type Filter, filterMatrix, plainFilter } from './filters.ts';
import { isWinograd, winograd } from './winograd.ts';

/** NCHW. */
export const imageOrder = channelsFirst(4);

/** A convolution: activation(conv(x, filter) + bias) + residual. */
export interface Convolution {
  /** Logical `[N, H, W, Cin]`. */
  readonly x: Operand;
  readonly filter: Filter;
  readonly window: Conv2dAttributes;
  readonly bias?: Operand | undefined;
  readonly activation?: Activation;
  readonly residual?: Operand | undefined;
}

/** Values that lie in some order of their logical axes: `[N, Ho, Wo, Cout]`, unless it says otherwise. */
interface Placed {
  readonly name: string;
  readonly order: AxisOrder;
  readonly shape?: Shape;
}

/** Adds the nodes of a convolution; its result may lie in several orders, of which those nobody uses cost nothing. */
export function convolve(l: Lowering, conv: Convolution, view: GraphView): Value {
  const forms = placements(l, conv, view).map((placed): Form => ({ shape: view.shape, type: 'float', ...placed }));
  return new Value('f32', { forms });
}

function placements(l: Lowering, conv: Convolution, view: GraphView): Placed[] {
  const { x, filter, window, bias } = conv;
  if (isPointwise(window, filter) && !x.has(imageOrder)) return [pointwise(l, conv)];
  const block = l.dialect.blockSize;
  const isBlockable = block > 0 && (filter.cin < block || filter.cin % block === 0);
  if (isBlockable && filter.size[0] * filter.size[1] > 1) return blocked(l, conv, view);
  const image = x.name(imageOrder);
  const plain = (): string =>
    l.g.op('Conv', [image, plainFilter(l, filter), ...(bias ? [bias.name()] : [])], windowOf(window, filter));
  const name = isWinograd(l, conv, view.shape) ? winograd(l, image, conv, view.shape) : plain();
  return [{ name: finished(l, name, conv, imageOrder), order: imageOrder }];
}

/** ONNX attributes of a convolution. */
export function windowOf({ strides, pads, dilations }: Conv2dAttributes, { size }: Filter): NodeAttributes {
  return {
    kernel_shape: { ints: size },
    strides: { ints: strides },
    pads: { ints: pads },
    dilations: { ints: dilations },
  };
}

/** Whether a convolution only mixes channels. */
function isPointwise({ strides, pads }: Conv2dAttributes, { size }: Filter): boolean {
  return size[0] * size[1] === 1 && strides.every((s) => s === 1) && pads.every((p) => p === 0);
}

/** Activation and residual, of values that lie in `order`. */
function finished(l: Lowering, name: string, { activation = 'none', residual }: Convolution, order: AxisOrder): string {
  const y = activated(l, name, activation);
  return residual ? l.g.op('Add', [y, residual.name(order)]) : y;
}

/** Rows of pixels times a matrix. */
function pointwise(l: Lowering, conv: Convolution): Placed {
  const { x, filter, bias } = conv;
  const [n, h, w] = x.shape as [number, number, number];
  const inputs = [x.view([n * h * w, filter.cin]).name(), filterMatrix(l, filter), ...(bias ? [bias.name()] : [])];
  const rows = l.g.op('Gemm', inputs, { transB: { int: filter.order === 'poi' ? 1 : 0 } });
  const name = l.g.op('Reshape', [rows, l.g.ints([n, h, w, filter.cout])]);
  return { name: finished(l, name, conv, identityOrder(4)), order: identityOrder(4) };
}

// What the blocked convolution can apply while its results are still in registers.
const fusible: readonly Activation[] = ['relu', 'sigmoid', 'tanh'];

/** In blocked layout. */
function blocked(l: Lowering, conv: Convolution, view: GraphView): Placed[] {
  const { x, filter, window, bias, activation = 'none', residual } = conv;
  const { g } = l;
  const { blockSize: block } = l.dialect;
  const { cin, cout } = filter;
  const wide = Math.ceil(cout / block) * block;
  const isSummed = residual !== undefined && activation === 'none' && wide === cout;
  const inputs = [
    // Images of less than a block of channels are read as they are.
    cin < block ? x.name(imageOrder) : engineImage(l, x),
    blockedFilter(l, filter, block),
    ...(bias || isSummed ? [bias ? widenedBias(l, bias, wide) : ''] : []),
    ...(isSummed ? [engineImage(l, residual)] : []),
  ];
  const isFused = fusible.includes(activation);
  const attributes: NodeAttributes = isFused ? { activation: { string: operatorOf(activation) } } : {};
  const y = g.op('Conv', inputs, { ...windowOf(window, filter), ...attributes }, blockedDomain);
  const rest: Convolution = {
    ...conv,
    residual: isSummed ? undefined : residual,
    activation: isFused ? 'none' : activation,
  };
  const shape = blockedShape(view.shape, block);
  if (shape !== undefined) {
    const image = activated(l, fromEngineImage(g, y, shape), rest.activation ?? 'none');
    const whole = rest.residual?.blocks()?.name(blockedOrder);
    const name = whole === undefined ? image : blockedSum(l, image, whole, shape);
    return [{ name, order: blockedOrder, shape }];
  }
  // Channels that fill no block: the engine leaves blocks for either layout at the same price.
  return (rest.residual ? [imageOrder] : [imageOrder, identityOrder(4)]).map((order) => {
    const layout = { channels: { int: cout }, channels_last: { int: order === imageOrder ? 0 : 1 } };
    const name = g.op('ReorderOutput', [y], layout, blockedDomain);
    return { name: finished(l, name, rest, order), order };
  });
}

/** The blocked form of an image, as the engine's operators want it. */
function engineImage(l: Lowering, x: Operand): string {
  const blocks = x.blocks()!;
  return asEngineImage(l.g, blocks.name(blockedOrder), blocks.shape);
}

function widenedBias({ g }: Lowering, bias: Operand, cout: number): string {
  const missing = cout - bias.size;
  return missing === 0 ? bias.name() : g.op('Pad', [bias.name(), g.ints([0, missing]), g.scalar(0, 'float')]);
}
