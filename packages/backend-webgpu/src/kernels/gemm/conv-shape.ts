/**
 * One description for convolutions and their input gradients: both slide a window over an image, with strides, pads and
 * dilation. In an input gradient the image is dy, spread apart by the stride, and the filter is flipped and transposed.
 */
import type { Conv2dAttributes, Shape } from '@vqkit/core';
import { i32, type Parameter, u32 } from '../../wgsl/shader.ts';

/** A window that slides over an image `[images, height, width, depth]`. */
export interface ConvShape {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly depth: number;
  readonly heightOut: number;
  readonly widthOut: number;
  readonly columns: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top and left; may be negative in input gradients. */
  readonly pads: readonly [number, number];
  /** The image is read as if its pixels were this far apart, with zeros between. */
  readonly spread: readonly [number, number];
  /** Whether the filter is `[kh, kw, columns, depth]`, to be read flipped in both directions. */
  readonly isFlipped: boolean;
}

/** conv2d: x, filter → y. */
export function forwardShape(x: Shape, filter: Shape, y: Shape, attributes: Conv2dAttributes): ConvShape {
  const { strides, dilations, pads } = attributes;
  return {
    images: x[0]!,
    height: x[1]!,
    width: x[2]!,
    depth: x[3]!,
    heightOut: y[1]!,
    widthOut: y[2]!,
    columns: filter[3]!,
    kernel: [filter[0]!, filter[1]!],
    strides,
    dilations,
    pads: [pads[0], pads[1]],
    spread: [1, 1],
    isFlipped: false,
  };
}

/** conv2dInputGrad: dy, filter → dx. */
export function inputGradShape(dy: Shape, filter: Shape, dx: Shape, attributes: Conv2dAttributes): ConvShape {
  const { strides, dilations, pads } = attributes;
  return {
    images: dy[0]!,
    height: dy[1]!,
    width: dy[2]!,
    depth: filter[3]!,
    heightOut: dx[1]!,
    widthOut: dx[2]!,
    columns: filter[2]!,
    kernel: [filter[0]!, filter[1]!],
    strides: [1, 1],
    dilations,
    pads: [(filter[0]! - 1) * dilations[0] - pads[0], (filter[1]! - 1) * dilations[1] - pads[1]],
    spread: strides,
    isFlipped: true,
  };
}

/** Whether the window is one pixel that never leaves the image, so that the convolution is a matrix product. */
export function isProduct({ kernel, strides, pads, spread, height, heightOut, width, widthOut }: ConvShape): boolean {
  const ones = [...kernel, ...strides, ...spread].every((n) => n === 1);
  return ones && pads[0] === 0 && pads[1] === 0 && height === heightOut && width === widthOut;
}

/** Parameters that convolution kernels share. */
export function convParams(shape: ConvShape): Record<string, Parameter> {
  return {
    images: u32(shape.images),
    height: i32(shape.height),
    width: i32(shape.width),
    depth: u32(shape.depth),
    heightOut: u32(shape.heightOut),
    widthOut: u32(shape.widthOut),
    columns: u32(shape.columns),
    kernelHeight: u32(shape.kernel[0]),
    kernelWidth: u32(shape.kernel[1]),
    strideY: i32(shape.strides[0]),
    strideX: i32(shape.strides[1]),
    dilationY: i32(shape.dilations[0]),
    dilationX: i32(shape.dilations[1]),
    padTop: i32(shape.pads[0]),
    padLeft: i32(shape.pads[1]),
    spreadY: i32(shape.spread[0]),
    spreadX: i32(shape.spread[1]),
  };
}
