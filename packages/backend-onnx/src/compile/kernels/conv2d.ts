/** `conv2d`, `conv2dFused`, and the gradient with respect to the input. */
import type { CompositeKernels, Conv2dAttributes } from '@vqkit/core';
import type { Lower, Pair, Triple } from '../lowering.ts';
import type { Operand } from '../value.ts';
import { inPhases } from './conv2d-phases.ts';
import { convolve, imageOrder, windowOf } from './convolve.ts';
import { type Filter, filterOf, plainFilter, turnedFilter } from './filters.ts';

/** Lowers `conv2d`. */
export const lowerConv2d: Lower<Conv2dAttributes, Pair> = (l, [x, filter], window, [view]) => {
  if (x.size === 0 || filter.size === 0) return l.splat(view, 0);
  return convolve(l, { x, filter: filterOf(filter), window }, view);
};

/** Lowers `conv2dFused`. */
export const lowerConv2dFused: Lower<CompositeKernels['conv2dFused'], readonly [...Triple, Operand?]> = (
  l,
  [x, filter, bias, residual],
  window,
  [view],
) => convolve(l, { x, filter: filterOf(filter), window, bias, residual, activation: window.activation }, view);

/**
 * Lowers `conv2dInputGrad`: a convolution with the turned filter, or where the window jumps one for each phase of the
 * result, or a transposed one.
 */
export const lowerConv2dInputGrad: Lower<Conv2dAttributes, Pair> = (l, [dy, operand], attributes, [view]) => {
  if (dy.size === 0 || operand.size === 0) return l.splat(view, 0);
  const filter = filterOf(operand);
  const window = turnedWindow(attributes, filter);
  if (window !== undefined) return convolve(l, { x: dy, filter: turnedFilter(l, filter), window }, view);
  const phases = inPhases(l, dy, filter, attributes, view);
  if (phases !== undefined) return phases;
  const name = l.g.op('ConvTranspose', [dy.name(imageOrder), plainFilter(l, filter)], {
    ...windowOf(attributes, filter),
    output_padding: { ints: leftOver(attributes, filter, dy, view.shape) },
  });
  return l.result(view, name, { order: imageOrder });
};

/** The window of the convolution that gives the input's gradient; undefined where a plain one cannot. */
function turnedWindow({ strides, pads, dilations }: Conv2dAttributes, filter: Filter): Conv2dAttributes | undefined {
  const [reachY, reachX] = [0, 1].map((i) => (filter.size[i]! - 1) * dilations[i]!) as [number, number];
  const turned = [reachY - pads[0], reachX - pads[1], reachY - pads[2], reachX - pads[3]] as const;
  const isPlain = strides.every((s) => s === 1) && turned.every((p) => p >= 0);
  return isPlain ? { strides: [1, 1], pads: turned, dilations } : undefined;
}

/** Rows and columns at the bottom and right edge of the input that no window reaches. */
function leftOver(
  { strides, pads, dilations }: Conv2dAttributes,
  filter: Filter,
  dy: Operand,
  shape: readonly number[],
): number[] {
  return [0, 1].map((i) => {
    const reach = (filter.size[i]! - 1) * dilations[i]! + 1;
    return shape[i + 1]! - ((dy.shape[i + 1]! - 1) * strides[i]! + reach - pads[i]! - pads[i + 2]!);
  });
}
