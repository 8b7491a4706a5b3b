/**
 * Convolutions without workgroup memory: an invocation computes a strip of pixels of one row × a block of channels.
 * Window, strides and dilation are parameters, not text, so that one shader serves nearly all layers of a network: a
 * software adapter takes a second to compile it.
 */
import type { BufferRef, Step } from '../../plan.ts';
import { reads, shaderStep, u32, unroll } from '../../wgsl/shader.ts';
import { type ConvShape, convParams } from './conv-shape.ts';
import { type Epilogue, epilogueBindings, epilogueText } from './epilogue.ts';
import { quad, single } from './quads.ts';
import { declareSums, finishSums, type RegisterTile, sumCount, sumName } from './register-tile.ts';

/** Operands of a convolution. */
export interface ConvBuffers {
  readonly x: BufferRef;
  readonly filter: BufferRef;
}

/** The dispatch of a convolution; `tile.rows` is the length of a strip. */
export function registerConv(shape: ConvShape, buffers: ConvBuffers, epilogue: Epilogue, tile: RegisterTile): Step {
  const { images, depth, heightOut, widthOut, columns, spread, isFlipped } = shape;
  const isFourX = depth % 4 === 0;
  const isFourF = (isFlipped ? depth : columns) % 4 === 0;
  const isFourOut = columns % 4 === 0;
  const quads = tile.columns / 4;
  const stripsPerRow = Math.ceil(widthOut / tile.rows);
  const strips = images * heightOut * stripsPerRow;
  const columnBlocks = Math.ceil(columns / tile.columns);
  const size = Math.min(64, Math.max(8, 2 ** Math.ceil(Math.log2(strips))));
  const isSpread = spread[0] > 1 || spread[1] > 1;
  const locate = unroll(tile.rows, (p) => {
    const u = `let u${p} = left + ${p} * params.strideX;`;
    if (!isSpread)
      return `${u} let in${p} = isRow & (u${p} >= 0) & (u${p} < params.width); let x${p} = (line + u32(u${p})) * params.depth;`;
    return `${u} let in${p} = isRow & (u${p} >= 0) & (u${p} % params.spreadX == 0) & (u${p} / params.spreadX < params.width);
      let x${p} = (line + u32(u${p} / params.spreadX)) * params.depth;`;
  });
  const filterAt = (k: string, n: string): string =>
    isFlipped
      ? `(tap * params.columns + ${n}) * params.depth + ${k}`
      : `(tap * params.depth + ${k}) * params.columns + ${n}`;
  const turned = isFlipped
    ? unroll(tile.columns, (n) => `let t${n} = ${quad('f', filterAt('k', `column + ${n}u`), isFourF)};`)
    : '';
  const weight = (i: number, c: number): string =>
    isFlipped
      ? `vec4f(${[0, 1, 2, 3].map((n) => `t${4 * c + n}[${i}]`).join(', ')})`
      : quad('f', filterAt(`k + ${i}u`, `column + ${4 * c}u`), isFourF);
  const add = (value: (p: number) => string, c: number): string =>
    unroll(tile.rows, (p) => `${sumName(p, c)} = fma(vec4f(${value(p)}), w, ${sumName(p, c)});`, ' ');
  const main = `for (var k = 0u; k + 4u <= params.depth; k += 4u) {
        ${unroll(tile.rows, (p) => `let q${p} = select(vec4f(), ${quad('x', `x${p} + k`, isFourX)}, in${p});`)}
        ${turned}
        ${unroll(4, (i) => unroll(quads, (c) => `{ let w = ${weight(i, c)}; ${add((p) => `q${p}[${i}]`, c)} }`))}
      }`;
  const tailWeight = (c: number): string =>
    `vec4f(${[0, 1, 2, 3].map((n) => single('f', filterAt('k', `column + ${4 * c + n}u`), isFourF)).join(', ')})`;
  const tail = `for (var k = params.depth / 4u * 4u; k < params.depth; k++) {
        ${unroll(tile.rows, (p) => `let q${p} = select(0.0, ${single('x', `x${p} + k`, isFourX)}, in${p});`)}
        ${unroll(quads, (c) => `{ let w = ${tailWeight(c)}; ${add((p) => `q${p}`, c)} }`)}
      }`;
  return shaderStep({
    label: `conv2d r${tile.rows}x${tile.columns}${isFlipped ? ' flipped' : ''}`,
    bindings: [
      reads('x', buffers.x, isFourX ? 'vec4f' : 'f32'),
      reads('f', buffers.filter, isFourF ? 'vec4f' : 'f32'),
      ...epilogueBindings(epilogue, isFourOut),
    ],
    params: {
      ...convParams(shape),
      strips: u32(strips),
      stripsPerRow: u32(stripsPerRow),
      columnBlocks: u32(columnBlocks),
      sums: u32(sumCount(tile)),
    },
    size,
    groups: Math.ceil(strips / size) * columnBlocks,
    declarations: epilogueText(epilogue, isFourOut),
    body: `let column = group % params.columnBlocks * ${tile.columns}u;
let strip = group / params.columnBlocks * ${size}u + lane;
if (strip < params.strips) {
  let first = strip % params.stripsPerRow * ${tile.rows}u;
  let line0 = strip / params.stripsPerRow;
  let row = i32(line0 % params.heightOut); let image = line0 / params.heightOut;
  ${declareSums(tile)}
  for (var ky = 0u; ky < params.kernelHeight; ky++) {
    let v = row * params.strideY - params.padTop + i32(ky) * params.dilationY;
    ${
      isSpread
        ? 'let isRow = (v >= 0) & (v % params.spreadY == 0) & (v / params.spreadY < params.height); let y0 = v / params.spreadY;'
        : 'let isRow = (v >= 0) & (v < params.height); let y0 = v;'
    }
    let line = (image * u32(params.height) + u32(y0)) * u32(params.width);
    for (var kx = 0u; kx < params.kernelWidth; kx++) {
      let left = i32(first) * params.strideX - params.padLeft + i32(kx) * params.dilationX;
      let tap = ${isFlipped ? '(params.kernelHeight - 1u - ky) * params.kernelWidth + params.kernelWidth - 1u - kx' : 'ky * params.kernelWidth + kx'};
      ${locate}
      ${depth >= 4 ? main : ''}
      ${depth % 4 === 0 ? '' : tail}
    }
  }
  ${finishSums(
    tile,
    (r) => `first + ${r} < params.widthOut`,
    (r) => `line0 * params.widthOut + first + ${r}`,
  )}
}`,
  });
}
