/**
 * conv2dFilterGrad by tiles: rows are the taps' input channels, columns the output channels, and the depth runs over
 * pixels, in parts that are added up at the end so that small filters still fill a GPU.
 */
import { type Plan, temporary } from '../../plan.ts';
import { reads, shaderStep, u32 } from '../../wgsl/shader.ts';
import { foldStep } from '../reduce.ts';
import { type ConvShape, convParams } from './conv-shape.ts';
import { epilogueBindings, epilogueText, plainEpilogue } from './epilogue.ts';
import type { FilterGradBuffers } from './register-filter-grad.ts';
import { type TileOperand, type TileSizes, tileText, tileThreads } from './tile.ts';
import { storeText } from './tiled-matmul.ts';

/** Workgroups that fill a GPU. */
const wantedGroups = 512;

/** The image under each tap, transposed: row = tap and channel, depth = pixel. */
const imageOperand: TileOperand = {
  isDeep: false,
  prepare: (slot, at) => `let c${slot} = ${at} % params.depth; let tap${slot} = ${at} / params.depth;
  let down${slot} = i32(tap${slot} / params.kernelWidth) * params.dilationY - params.padTop;
  let right${slot} = i32(tap${slot} % params.kernelWidth) * params.dilationX - params.padLeft;`,
  load: (slot, k) => `pixel(${k} + firstPixel, endPixel, down${slot}, right${slot}, c${slot})`,
};

const pixelText = `fn pixel(at: u32, end: u32, down: i32, right: i32, channel: u32) -> vec4f {
  let line = at / params.widthOut;
  let v = i32(line % params.heightOut) * params.strideY + down;
  let u = i32(at % params.widthOut) * params.strideX + right;
  let isInside = (at < end) & (v >= 0) & (v < params.height) & (u >= 0) & (u < params.width);
  let start = ((line / params.heightOut * u32(params.height) + u32(v)) * u32(params.width) + u32(u)) * params.depth;
  return select(vec4f(), x[(start + channel) / 4u], isInside);
}`;

/** The gradient as it lies: depth = pixel, column = channel. */
const gradientOperand: TileOperand = {
  isDeep: false,
  prepare: (slot, at) => `let d${slot} = ${at};`,
  load: (slot, k) =>
    `select(vec4f(), dy[((${k} + firstPixel) * params.columns + d${slot}) / 4u], ${k} + firstPixel < endPixel)`,
};

/** x, dy → dFilter, for the shape of the forward convolution; both channel counts are multiples of 4. */
export function tiledFilterGrad(shape: ConvShape, { x, dy, to }: FilterGradBuffers, tile: TileSizes): Plan {
  const { images, depth, heightOut, widthOut, columns, kernel } = shape;
  const rows = kernel[0] * kernel[1] * depth;
  const pixels = images * heightOut * widthOut;
  const rowBlocks = Math.ceil(rows / tile.rows);
  const columnBlocks = Math.ceil(columns / tile.columns);
  const wantedParts = Math.ceil(wantedGroups / (rowBlocks * columnBlocks));
  const steps = Math.ceil(pixels / tile.depth / Math.max(1, Math.min(wantedParts, Math.ceil(pixels / 128))));
  const partPixels = steps * tile.depth;
  const parts = Math.ceil(pixels / partPixels);
  const target = plainEpilogue(parts === 1 ? to : temporary(0));
  const text = tileText(tile, imageOperand, gradientOperand);
  const step = shaderStep({
    label: `conv2dFilterGrad t${tile.rows}x${tile.columns}`,
    bindings: [reads('x', x, 'vec4f'), reads('dy', dy, 'vec4f'), ...epilogueBindings(target, true)],
    params: {
      ...convParams(shape),
      rows: u32(rows),
      rowBlocks: u32(rowBlocks),
      columnBlocks: u32(columnBlocks),
      parts: u32(parts),
      pixels: u32(pixels),
      partPixels: u32(partPixels),
      depthSteps: u32(steps),
    },
    size: tileThreads(tile),
    groups: rowBlocks * columnBlocks * parts,
    declarations: [text.declarations, pixelText, epilogueText(target, true)].join('\n'),
    body: `let columnOrigin = group % params.columnBlocks * ${tile.columns}u;
let rowOrigin = group / params.columnBlocks % params.rowBlocks * ${tile.rows}u;
let part = group / params.columnBlocks / params.rowBlocks;
if (part < params.parts) {
  let firstPixel = part * params.partPixels;
  let endPixel = min(firstPixel + params.partPixels, params.pixels);
  let depthSteps = params.depthSteps;
  ${text.prepare}
  ${text.declareSums}
  ${text.multiply}
  ${storeText(tile, text, 'part * params.rows')}
}`,
  });
  if (parts === 1) return { steps: [step], temporaries: [] };
  const fold = foldStep('sum', 'f32', [1, parts, rows * columns], 1, 1, temporary(0), to);
  return { steps: [step, fold], temporaries: [parts * rows * columns * 4] };
}
