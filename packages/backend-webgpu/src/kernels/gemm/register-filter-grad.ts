/**
 * conv2dFilterGrad without workgroup memory: an invocation owns four input channels of one tap × a block of output
 * channels and walks over pixels, which are split into parts that are added up at the end.
 */
import type { Plan } from '../../plan.ts';
import { type BufferRef, temporary } from '../../plan.ts';
import { reads, shaderStep, u32, unroll, writes } from '../../wgsl/shader.ts';
import { foldStep } from '../reduce.ts';
import { type ConvShape, convParams } from './conv-shape.ts';
import { quad } from './quads.ts';

/** Pixels that one part covers at least. */
const minPartPixels = 64;

/** Operands and result of a filter gradient. */
export interface FilterGradBuffers {
  readonly x: BufferRef;
  readonly dy: BufferRef;
  readonly to: BufferRef;
}

/** x, dy → dFilter, for the shape of the forward convolution. */
export function registerFilterGrad(shape: ConvShape, { x, dy, to }: FilterGradBuffers, wantedThreads: number): Plan {
  const { images, depth, heightOut, widthOut, columns, kernel } = shape;
  const perThread = depth % 4 === 0 ? 4 : 1;
  const isFourOut = columns % 4 === 0;
  const tile = columns >= 16 ? 16 : columns >= 8 ? 8 : 4;
  const quads = tile / 4;
  const owners = (kernel[0] * kernel[1] * depth) / perThread;
  const columnBlocks = Math.ceil(columns / tile);
  const pixels = images * heightOut * widthOut;
  const wantedParts = Math.ceil(wantedThreads / (owners * columnBlocks));
  const parts = Math.max(1, Math.min(wantedParts, Math.ceil(pixels / minPartPixels)));
  const size = Math.min(64, Math.max(8, 2 ** Math.ceil(Math.log2(owners))));
  const ownerBlocks = Math.ceil(owners / size);
  const filterSize = kernel[0] * kernel[1] * depth * columns;
  const target = parts === 1 ? to : temporary(0);
  const load = perThread === 4 ? quad('x', 'start', true) : 'x[start]';
  const store = (i: number, c: number): string => {
    const value = perThread === 4 ? `s${i}_${c}` : `s0_${c}`;
    const at = `(part * params.owners * ${perThread}u + owner * ${perThread}u + ${i}u) * params.columns + column + ${4 * c}u`;
    if (isFourOut) return `if (column + ${4 * c}u < params.columns) { y[(${at}) / 4u] = ${value}; }`;
    return unroll(4, (n) => `if (column + ${4 * c + n}u < params.columns) { y[${at} + ${n}u] = ${value}[${n}]; }`);
  };
  const step = shaderStep({
    label: `conv2dFilterGrad r${perThread}x${tile}`,
    bindings: [
      reads('x', x, perThread === 4 ? 'vec4f' : 'f32'),
      reads('dy', dy, isFourOut ? 'vec4f' : 'f32'),
      writes('y', target, isFourOut ? 'vec4f' : 'f32'),
    ],
    params: {
      ...convParams(shape),
      owners: u32(owners),
      ownerBlocks: u32(ownerBlocks),
      columnBlocks: u32(columnBlocks),
      parts: u32(parts),
      pixels: u32(pixels),
      partPixels: u32(Math.ceil(pixels / parts)),
    },
    size,
    groups: ownerBlocks * columnBlocks * parts,
    body: `let column = group % params.columnBlocks * ${tile}u;
let owner = group / params.columnBlocks % params.ownerBlocks * ${size}u + lane;
let part = group / params.columnBlocks / params.ownerBlocks;
if ((part < params.parts) & (owner < params.owners)) {
  let channel = owner % (params.depth / ${perThread}u) * ${perThread}u;
  let tap = owner / (params.depth / ${perThread}u);
  let down = i32(tap / params.kernelWidth) * params.dilationY - params.padTop;
  let right = i32(tap % params.kernelWidth) * params.dilationX - params.padLeft;
  ${unroll(perThread, (i) => unroll(quads, (c) => `var s${i}_${c} = vec4f();`, ' '))}
  let end = min((part + 1u) * params.partPixels, params.pixels);
  for (var pixel = part * params.partPixels; pixel < end; pixel++) {
    let line = pixel / params.widthOut;
    let v = i32(line % params.heightOut) * params.strideY + down;
    let u = i32(pixel % params.widthOut) * params.strideX + right;
    let isInside = (v >= 0) & (v < params.height) & (u >= 0) & (u < params.width);
    let start = (((line / params.heightOut) * u32(params.height) + u32(v)) * u32(params.width) + u32(u)) * params.depth + channel;
    let value = select(${perThread === 4 ? 'vec4f()' : '0.0'}, ${load}, isInside);
    ${unroll(quads, (c) => `let d${c} = ${quad('dy', `pixel * params.columns + column + ${4 * c}u`, isFourOut)};`)}
    ${unroll(perThread, (i) => unroll(quads, (c) => `s${i}_${c} = fma(vec4f(${perThread === 4 ? `value[${i}]` : 'value'}), d${c}, s${i}_${c});`, ' '))}
  }
  ${unroll(perThread, (i) => unroll(quads, (c) => store(i, c), '\n  '))}
}`,
  });
  if (parts === 1) return { steps: [step], temporaries: [] };
  const fold = foldStep('sum', 'f32', [1, parts, filterSize], 1, 1, temporary(0), to);
  return { steps: [step, fold], temporaries: [parts * filterSize * 4] };
}
