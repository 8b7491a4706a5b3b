/** `pool2d` and its gradient: one invocation per element, windows clipped at the image's edges. */
import { type Pool2dAttributes, type RequiredKernels, sizeOf, type TensorSpec } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { functionTexts } from '../wgsl/functions.ts';
import { f32, i32, type Parameter, reads, threadStep, u32, writes } from '../wgsl/shader.ts';

function windowParams(
  { size, strides, pads }: Pool2dAttributes,
  x: TensorSpec,
  y: TensorSpec,
): Record<string, Parameter> {
  return {
    height: i32(x.shape[1]!),
    width: i32(x.shape[2]!),
    channels: u32(x.shape[3]!),
    heightOut: i32(y.shape[1]!),
    widthOut: i32(y.shape[2]!),
    windowHeight: i32(size[0]),
    windowWidth: i32(size[1]),
    strideY: i32(strides[0]),
    strideX: i32(strides[1]),
    padTop: i32(pads[0]),
    padLeft: i32(pads[1]),
    share: f32(1 / (size[0] * size[1])),
    lowest: f32(Number.NEGATIVE_INFINITY),
  };
}

/** Functions on a window whose output is at (oy, ox): its range in the image. */
const windowRange = `let top = max(oy * params.strideY - params.padTop, 0);
  let bottom = min(oy * params.strideY - params.padTop + params.windowHeight, params.height);
  let left = max(ox * params.strideX - params.padLeft, 0);
  let right = min(ox * params.strideX - params.padLeft + params.windowWidth, params.width);`;

const at = (image: string, y: string, x: string, plane: 'In' | 'Out'): string => {
  const [height, width] = plane === 'In' ? ['params.height', 'params.width'] : ['params.heightOut', 'params.widthOut'];
  return `(u32((${image} * ${height} + ${y}) * ${width} + ${x}) * params.channels + channel)`;
};

/** Splits the thread's index into channel, column, row and image of a plane. */
const split = (height: string, width: string): string => `let channel = thread % params.channels;
  let pixel = i32(thread / params.channels);
  let column = pixel % ${width};
  let row = pixel / ${width} % ${height};
  let image = pixel / ${width} / ${height};`;

/** x `[N,H,W,C]` → `[N,Ho,Wo,C]`. */
export const pool2d: Kernel<RequiredKernels['pool2d']> = ({ inputs, attributes, outputs }) => {
  const [x, y] = [inputs[0]!, outputs[0]!];
  const threads = sizeOf(y.shape);
  if (threads === 0) return emptyPlan;
  const isMax = attributes.op === 'max';
  return planOf(
    threadStep({
      label: `pool2d ${attributes.op}`,
      threads,
      bindings: [reads('x', input(0)), writes('y', output())],
      params: windowParams(attributes, x, y),
      declarations: functionTexts(isMax ? ['maxNan'] : [], 1),
      body: `${split('params.heightOut', 'params.widthOut')}
  let oy = row; let ox = column;
  ${windowRange}
  var total = ${isMax ? 'params.lowest' : '0.0'};
  for (var iy = top; iy < bottom; iy++) {
    for (var ix = left; ix < right; ix++) {
      let value = x[${at('image', 'iy', 'ix', 'In')}];
      total = ${isMax ? 'maxNan(total, value)' : 'total + value'};
    }
  }
  y[thread] = total${isMax ? '' : ' * params.share'};`,
    }),
  );
};

/**
 * x, dy → dx: each pixel visits the windows that cover it. For `max` it looks whether it is their first maximum, which
 * costs a window per window but needs no stored indices and no atomics.
 */
export const pool2dGrad: Kernel<RequiredKernels['pool2dGrad']> = ({ inputs, attributes, outputs }) => {
  const [x, dy] = inputs as [TensorSpec, TensorSpec];
  const threads = sizeOf(outputs[0]!.shape);
  if (threads === 0) return emptyPlan;
  const isMax = attributes.op === 'max';
  const share = isMax
    ? `${windowRange}
      var isFirst = true;
      for (var iy = top; iy < bottom; iy++) {
        for (var ix = left; ix < right; ix++) {
          let other = x[${at('image', 'iy', 'ix', 'In')}];
          let isBefore = (iy < row) | ((iy == row) & (ix < column));
          isFirst = isFirst & !((other > own) | (isBefore & (other == own)));
        }
      }
      if (isFirst) { total += dy[${at('image', 'oy', 'ox', 'Out')}]; }`
    : `total += dy[${at('image', 'oy', 'ox', 'Out')}] * params.share;`;
  return planOf(
    threadStep({
      label: `pool2dGrad ${attributes.op}`,
      threads,
      bindings: [...(isMax ? [reads('x', input(0))] : []), reads('dy', input(1)), writes('dx', output())],
      params: windowParams(attributes, x, dy),
      body: `${split('params.height', 'params.width')}
  ${isMax ? 'let own = x[thread];' : ''}
  // Windows that cover row: oy·stride − pad ≤ row < oy·stride − pad + window.
  let firstY = max((row + params.padTop - params.windowHeight + params.strideY) / params.strideY, 0);
  let lastY = min((row + params.padTop) / params.strideY, params.heightOut - 1);
  let firstX = max((column + params.padLeft - params.windowWidth + params.strideX) / params.strideX, 0);
  let lastX = min((column + params.padLeft) / params.strideX, params.widthOut - 1);
  var total = 0.0;
  for (var oy = firstY; oy <= lastY; oy++) {
    for (var ox = firstX; ox <= lastX; ox++) {
      ${share}
    }
  }
  dx[thread] = total;`,
    }),
  );
};
