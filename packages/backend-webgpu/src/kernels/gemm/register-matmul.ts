/**
 * Matrix products without workgroup memory: an invocation holds a block of rows × columns in registers and walks K.
 * Neighbouring invocations take neighbouring rows and the same columns, so the right operand is read at one address by
 * all of them. Best where a CPU plays the GPU (a barrier there ends a loop over all invocations), and for odd shapes.
 */
import type { BufferRef, Step } from '../../plan.ts';
import { type Parameter, reads, shaderStep, u32, unroll } from '../../wgsl/shader.ts';
import { type Epilogue, epilogueBindings, epilogueText } from './epilogue.ts';
import { quad, single } from './quads.ts';
import { declareSums, finishSums, type RegisterTile, sumCount } from './register-tile.ts';

/** Sizes of a batched product `[batch, rows, depth] × [batch, depth, columns]`. */
export interface ProductSizes {
  readonly batch: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Whether all batches share this operand. */
  readonly isSharedA: boolean;
  readonly isSharedB: boolean;
}

/** Operands of a product. */
export interface ProductBuffers {
  readonly a: BufferRef;
  readonly b: BufferRef;
}

/** Parameters that matrix-product kernels share. */
export function productParams(
  { batch, rows, depth, columns, isSharedA, isSharedB }: ProductSizes,
  rowBlocks: number,
  columnBlocks: number,
): Record<string, Parameter> {
  return {
    batch: u32(batch),
    rows: u32(rows),
    depth: u32(depth),
    columns: u32(columns),
    rowBlocks: u32(rowBlocks),
    columnBlocks: u32(columnBlocks),
    strideA: u32(isSharedA ? 0 : rows * depth),
    strideB: u32(isSharedB ? 0 : depth * columns),
  };
}

/** The dispatch of a product. Reads beyond an operand are harmless: they only reach sums that are not stored. */
export function registerProduct(
  sizes: ProductSizes,
  { a, b }: ProductBuffers,
  epilogue: Epilogue,
  tile: RegisterTile,
): Step {
  const { batch, rows, depth, columns, transposeA, transposeB } = sizes;
  const isFourA = (transposeA ? rows : depth) % 4 === 0;
  const isFourB = (transposeB ? depth : columns) % 4 === 0;
  const isFourOut = columns % 4 === 0;
  // As many invocations as there are blocks of rows, from 8 (a CPU's vector) to 64.
  const size = Math.min(64, Math.max(8, 2 ** Math.ceil(Math.log2(Math.ceil(rows / tile.rows)))));
  const rowBlocks = Math.ceil(rows / tile.rows / size);
  const columnBlocks = Math.ceil(columns / tile.columns);
  const quads = tile.columns / 4;
  const loadA = transposeA
    ? unroll(4, (i) =>
        unroll(
          tile.rows / 4,
          (g) => `let a${g}_${i} = ${quad('a', `fromA + (k + ${i}u) * params.rows + row + ${4 * g}u`, isFourA)};`,
        ),
      )
    : unroll(tile.rows, (p) => `let a${p} = ${quad('a', `fromA + (row + ${p}u) * params.depth + k`, isFourA)};`);
  const valueA = (p: number, i: number): string => (transposeA ? `a${p >> 2}_${i}[${p & 3}]` : `a${p}[${i}]`);
  const loadB = transposeB
    ? unroll(tile.columns, (n) => `let b${n} = ${quad('b', `fromB + (column + ${n}u) * params.depth + k`, isFourB)};`)
    : '';
  const valueB = (i: number, c: number): string =>
    transposeB
      ? `vec4f(${[0, 1, 2, 3].map((n) => `b${4 * c + n}[${i}]`).join(', ')})`
      : quad('b', `fromB + (k + ${i}u) * params.columns + column + ${4 * c}u`, isFourB);
  const multiply = unroll(4, (i) =>
    unroll(
      quads,
      (c) =>
        `{ let w = ${valueB(i, c)}; ${unroll(tile.rows, (p) => `s${p}_${c} = fma(vec4f(${valueA(p, i)}), w, s${p}_${c});`, ' ')} }`,
    ),
  );
  const scalarA = (p: number): string =>
    transposeA
      ? single('a', `fromA + k * params.rows + row + ${p}u`, isFourA)
      : single('a', `fromA + (row + ${p}u) * params.depth + k`, isFourA);
  const scalarB = (n: number): string =>
    transposeB
      ? single('b', `fromB + (column + ${n}u) * params.depth + k`, isFourB)
      : single('b', `fromB + k * params.columns + column + ${n}u`, isFourB);
  const tail = `for (var k = params.depth / 4u * 4u; k < params.depth; k++) {
    ${unroll(quads, (c) => `let w${c} = vec4f(${[0, 1, 2, 3].map((n) => scalarB(4 * c + n)).join(', ')});`)}
    ${unroll(tile.rows, (p) => `{ let value = vec4f(${scalarA(p)}); ${unroll(quads, (c) => `s${p}_${c} = fma(value, w${c}, s${p}_${c});`, ' ')} }`)}
  }`;
  return shaderStep({
    label: `matmul r${tile.rows}x${tile.columns}`,
    bindings: [
      reads('a', a, isFourA ? 'vec4f' : 'f32'),
      reads('b', b, isFourB ? 'vec4f' : 'f32'),
      ...epilogueBindings(epilogue, isFourOut),
    ],
    params: { ...productParams(sizes, rowBlocks, columnBlocks), sums: u32(sumCount(tile)) },
    size,
    groups: batch * rowBlocks * columnBlocks,
    declarations: epilogueText(epilogue, isFourOut),
    body: `let column = group % params.columnBlocks * ${tile.columns}u;
let row = (group / params.columnBlocks % params.rowBlocks * ${size}u + lane) * ${tile.rows}u;
let image = group / params.columnBlocks / params.rowBlocks;
if (image < params.batch) {
  let fromA = image * params.strideA; let fromB = image * params.strideB;
  ${declareSums(tile)}
  for (var k = 0u; k + 4u <= params.depth; k += 4u) {
    ${loadA}
    ${loadB}
    ${multiply}
  }
  ${depth % 4 === 0 ? '' : tail}
  ${finishSums(
    tile,
    (r) => `row + ${r} < params.rows`,
    (r) => `image * params.rows + row + ${r}`,
  )}
}`,
  });
}
