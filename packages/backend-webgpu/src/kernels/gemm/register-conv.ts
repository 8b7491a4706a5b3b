/**
 * Convolutions without workgroup memory: an invocation computes a strip of pixels of one row × a block of channels.
 * Pixels of the image that several taps of the window share are read once per row of the window.
 */
import type { BufferRef, Step } from '../../plan.ts';
import { range, shaderStep, u32, unroll } from '../../wgsl/shader.ts';
import { type ConvShape, convParams } from './conv-shape.ts';
import { type Epilogue, epilogueBindings, epilogueText } from './epilogue.ts';
import { quad, single } from './quads.ts';
import type { RegisterTile } from './register-matmul.ts';

/** Operands of a convolution. */
export interface ConvBuffers {
  readonly x: BufferRef;
  readonly filter: BufferRef;
}

/** The dispatch of a convolution; `tile.rows` is the length of a strip. */
export function registerConv(shape: ConvShape, buffers: ConvBuffers, epilogue: Epilogue, tile: RegisterTile): Step {
  const { images, depth, heightOut, widthOut, columns, kernel, strides, dilations, spread, isFlipped } = shape;
  const isFourX = depth % 4 === 0;
  const isFourF = (isFlipped ? depth : columns) % 4 === 0;
  const isFourOut = columns % 4 === 0;
  const quads = tile.columns / 4;
  const stripsPerRow = Math.ceil(widthOut / tile.rows);
  const strips = images * heightOut * stripsPerRow;
  const columnBlocks = Math.ceil(columns / tile.columns);
  const size = Math.min(64, Math.max(8, 2 ** Math.ceil(Math.log2(strips))));
  // Where tap kx of pixel p looks, relative to the strip's first pixel; equal places are read once.
  const place = (p: number, kx: number): number => p * strides[1] + kx * dilations[1];
  const places = [...new Set(range(tile.rows).flatMap((p) => range(kernel[1]).map((kx) => place(p, kx))))];
  const isSpread = spread[0] > 1 || spread[1] > 1;
  const locate = places.map((at) =>
    isSpread
      ? `let u${at} = left + ${at}; let in${at} = isRow & (u${at} >= 0) & (u${at} % ${spread[1]} == 0) & (u${at} / ${spread[1]} < params.width);
    let x${at} = (line + u32(u${at} / ${spread[1]})) * params.depth;`
      : `let in${at} = isRow & (left + ${at} >= 0) & (left + ${at} < params.width); let x${at} = (line + u32(left + ${at})) * params.depth;`,
  );
  const filterAt = (kx: number, k: string, n: string): string => {
    const tap = isFlipped
      ? `((params.kernelHeight - 1u - ky) * ${kernel[1]}u + ${kernel[1] - 1 - kx}u)`
      : `(ky * ${kernel[1]}u + ${kx}u)`;
    return isFlipped
      ? `(${tap} * params.columns + ${n}) * params.depth + ${k}`
      : `(${tap} * params.depth + ${k}) * params.columns + ${n}`;
  };
  const weights = (kx: number): string =>
    isFlipped
      ? `${unroll(tile.columns, (n) => `let t${n} = ${quad('f', filterAt(kx, 'k', `column + ${n}u`), isFourF)};`)}
      ${unroll(4, (i) => unroll(quads, (c) => `let w${i}_${c} = vec4f(${[0, 1, 2, 3].map((n) => `t${4 * c + n}[${i}]`).join(', ')});`, ' '))}`
      : unroll(4, (i) =>
          unroll(
            quads,
            (c) => `let w${i}_${c} = ${quad('f', filterAt(kx, `k + ${i}u`, `column + ${4 * c}u`), isFourF)};`,
          ),
        );
  const add = (value: (p: number) => string, weight: (c: number) => string): string =>
    unroll(tile.rows, (p) =>
      unroll(quads, (c) => `s${p}_${c} = fma(vec4f(${value(p)}), ${weight(c)}, s${p}_${c});`, ' '),
    );
  const main = `for (var k = 0u; k + 4u <= params.depth; k += 4u) {
      ${places.map((at) => `let q${at} = select(vec4f(), ${quad('x', `x${at} + k`, isFourX)}, in${at});`).join('\n')}
      ${unroll(
        kernel[1],
        (kx) =>
          `{ ${weights(kx)}\n${unroll(4, (i) =>
            add(
              (p) => `q${place(p, kx)}[${i}]`,
              (c) => `w${i}_${c}`,
            ),
          )} }`,
      )}
    }`;
  const tail = `for (var k = params.depth / 4u * 4u; k < params.depth; k++) {
      ${places.map((at) => `let q${at} = select(0.0, ${single('x', `x${at} + k`, isFourX)}, in${at});`).join('\n')}
      ${unroll(
        kernel[1],
        (kx) =>
          `{ ${unroll(quads, (c) => `let w${c} = vec4f(${[0, 1, 2, 3].map((n) => single('f', filterAt(kx, 'k', `column + ${4 * c + n}u`), isFourF)).join(', ')});`)}\n${add(
            (p) => `q${place(p, kx)}`,
            (c) => `w${c}`,
          )} }`,
      )}
    }`;
  return shaderStep({
    label: `conv2d r${tile.rows}x${tile.columns}${isFlipped ? ' flipped' : ''}`,
    bindings: [
      { name: 'x', element: isFourX ? 'vec4f' : 'f32', buffer: buffers.x },
      { name: 'f', element: isFourF ? 'vec4f' : 'f32', buffer: buffers.filter },
      ...epilogueBindings(epilogue, isFourOut),
    ],
    params: {
      ...convParams(shape),
      strips: u32(strips),
      stripsPerRow: u32(stripsPerRow),
      columnBlocks: u32(columnBlocks),
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
  let left = i32(first) * ${strides[1]} - params.padLeft;
  ${unroll(tile.rows, (p) => unroll(quads, (c) => `var s${p}_${c} = vec4f();`, ' '))}
  for (var ky = 0u; ky < params.kernelHeight; ky++) {
    let v = row * params.strideY - params.padTop + i32(ky) * params.dilationY;
    ${
      isSpread
        ? 'let isRow = (v >= 0) & (v % params.spreadY == 0) & (v / params.spreadY < params.height); let y0 = v / params.spreadY;'
        : 'let isRow = (v >= 0) & (v < params.height); let y0 = v;'
    }
    let line = (image * u32(params.height) + u32(y0)) * u32(params.width);
    ${locate.join('\n    ')}
    ${depth >= 4 ? main : ''}
    ${depth % 4 === 0 ? '' : tail}
  }
  ${unroll(tile.rows, (p) => `if (first + ${p}u < params.widthOut) { ${unroll(quads, (c) => `finish(line0 * params.widthOut + first + ${p}u, column + ${4 * c}u, s${p}_${c});`, ' ')} }`)}
}`,
  });
}
