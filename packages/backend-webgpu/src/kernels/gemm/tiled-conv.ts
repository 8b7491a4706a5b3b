/**
 * Convolutions as implicit matrix products by tiles: rows are output pixels, columns output channels, and the depth
 * runs over the taps of the window and their channels. The matrix of patches is never written anywhere.
 */
import type { Step } from '../../plan.ts';
import { reads, shaderStep, u32 } from '../../wgsl/shader.ts';
import { type ConvShape, convParams } from './conv-shape.ts';
import { type Epilogue, epilogueBindings, epilogueText } from './epilogue.ts';
import { quad } from './quads.ts';
import type { ConvBuffers } from './register-conv.ts';
import { type TileOperand, type TileSizes, tileText, tileThreads } from './tile.ts';
import { storeText } from './tiled-matmul.ts';

/** The image as rows of patches; `k` runs over taps, each padded to whole slices. */
function patchOperand(): TileOperand {
  return {
    isDeep: true,
    prepare: (slot, at) => `let p${slot} = ${at};
  let v${slot}0 = i32(p${slot} / params.widthOut % params.heightOut) * params.strideY - params.padTop;
  let u${slot}0 = i32(p${slot} % params.widthOut) * params.strideX - params.padLeft;
  let n${slot} = p${slot} / params.widthOut / params.heightOut * u32(params.height);`,
    load: (slot, k) => `pixel(p${slot} < params.rows, n${slot}, v${slot}0, u${slot}0, ${k})`,
  };
}

/** The function behind `patchOperand`: depth k is channel k mod depthPadded of tap k / depthPadded. */
function patchText(shape: ConvShape): string {
  const { spread, depth } = shape;
  const isFour = depth % 4 === 0;
  const isSpread = spread[0] > 1 || spread[1] > 1;
  const inside = isSpread
    ? `(v >= 0) & (v % params.spreadY == 0) & (v / params.spreadY < params.height) & (u >= 0) & (u % params.spreadX == 0) & (u / params.spreadX < params.width)`
    : '(v >= 0) & (v < params.height) & (u >= 0) & (u < params.width)';
  const [y, x] = isSpread ? ['v / params.spreadY', `u / params.spreadX`] : ['v', 'u'];
  const mask = isFour
    ? 'isInside'
    : 'vec4<bool>(isInside) & (vec4u(channel) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth))';
  return `fn pixel(isRow: bool, line: u32, top: i32, left: i32, k: u32) -> vec4f {
  let tap = k / params.depthPadded; let channel = k % params.depthPadded;
  let v = top + i32(tap / params.kernelWidth) * params.dilationY;
  let u = left + i32(tap % params.kernelWidth) * params.dilationX;
  let isInside = isRow & (channel < params.depth) & ${inside};
  let at = ((line + u32(${y})) * u32(params.width) + u32(${x})) * params.depth + channel;
  return select(vec4f(), ${quad('x', 'at', isFour)}, ${mask});
}`;
}

/** The filter, whose lines are output channels (forward) or, flipped, input channels. */
function filterOperand({ isFlipped }: ConvShape): TileOperand {
  return {
    isDeep: isFlipped,
    prepare: (slot, at) => `let f${slot} = ${at};`,
    load: (slot, k) => `weights(f${slot}, ${k})`,
  };
}

function filterText({ depth, columns, isFlipped }: ConvShape): string {
  const isFour = (isFlipped ? depth : columns) % 4 === 0;
  const at = isFlipped
    ? `((params.kernelHeight * params.kernelWidth - 1u - tap) * params.columns + column) * params.depth + channel`
    : '(tap * params.depth + channel) * params.columns + column';
  const mask =
    isFlipped && !isFour ? 'vec4u(channel) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth)' : 'channel < params.depth';
  return `fn weights(column: u32, k: u32) -> vec4f {
  let tap = k / params.depthPadded; let channel = k % params.depthPadded;
  return select(vec4f(), ${quad('f', at, isFour)}, ${mask});
}`;
}

/** The dispatch of a convolution. */
export function tiledConv(shape: ConvShape, buffers: ConvBuffers, epilogue: Epilogue, tile: TileSizes): Step {
  const { images, depth, heightOut, widthOut, columns, kernel, isFlipped } = shape;
  const rows = images * heightOut * widthOut;
  const isFourOut = columns % 4 === 0;
  const isFourF = (isFlipped ? depth : columns) % 4 === 0;
  const depthPadded = Math.ceil(depth / tile.depth) * tile.depth;
  const text = tileText(tile, patchOperand(), filterOperand(shape));
  const columnBlocks = Math.ceil(columns / tile.columns);
  return shaderStep({
    label: `conv2d t${tile.rows}x${tile.columns}${isFlipped ? ' flipped' : ''}`,
    bindings: [
      reads('x', buffers.x, depth % 4 === 0 ? 'vec4f' : 'f32'),
      reads('f', buffers.filter, isFourF ? 'vec4f' : 'f32'),
      ...epilogueBindings(epilogue, isFourOut),
    ],
    params: {
      ...convParams(shape),
      rows: u32(rows),
      columnBlocks: u32(columnBlocks),
      depthPadded: u32(depthPadded),
      depthSteps: u32((kernel[0] * kernel[1] * depthPadded) / tile.depth),
    },
    size: tileThreads(tile),
    groups: Math.ceil(rows / tile.rows) * columnBlocks,
    declarations: [text.declarations, patchText(shape), filterText(shape), epilogueText(epilogue, isFourOut)].join(
      '\n',
    ),
    body: `let columnOrigin = group % params.columnBlocks * ${tile.columns}u;
let rowOrigin = group / params.columnBlocks * ${tile.rows}u;
if (rowOrigin < params.rows) {
  let depthSteps = params.depthSteps;
  ${text.prepare}
  ${text.declareSums}
  ${text.multiply}
  ${storeText(tile, text, '0u')}
}`,
  });
}
