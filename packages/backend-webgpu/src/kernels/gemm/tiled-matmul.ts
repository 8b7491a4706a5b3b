/** Matrix products by tiles in workgroup memory, for real GPUs. */
import type { Step } from '../../plan.ts';
import { reads, shaderStep, u32, unroll } from '../../wgsl/shader.ts';
import { type Epilogue, epilogueBindings, epilogueText } from './epilogue.ts';
import { quad } from './quads.ts';
import { type ProductBuffers, type ProductSizes, productParams } from './register-matmul.ts';
import { type TileOperand, type TileSizes, tileText, tileThreads } from './tile.ts';

/**
 * An operand stored as a matrix with `stride` values per line.
 *
 * @param lines  Whether a line is one row (or column) of the product, its values running along the depth.
 */
export function matrixOperand(
  name: string,
  from: string,
  stride: string,
  isDeep: boolean,
  isFour: boolean,
  depthIsWhole: boolean,
): TileOperand {
  const value = (slot: string, k: string): string =>
    isDeep
      ? quad(name, `${from} + at${slot} * ${stride} + ${k}`, isFour)
      : quad(name, `${from} + ${k} * ${stride} + at${slot}`, isFour);
  return {
    isDeep,
    prepare: (slot, at) => `let at${slot} = ${at};`,
    load: (slot, k) => {
      if (depthIsWhole) return value(slot, k);
      if (!isDeep || isFour) return `select(vec4f(), ${value(slot, k)}, ${k} < params.depth)`;
      // The last quad may reach past the depth, into the next line.
      return `select(vec4f(), ${value(slot, k)}, vec4u(${k}) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.depth))`;
    },
  };
}

/** The dispatch of a product. */
export function tiledProduct(sizes: ProductSizes, { a, b }: ProductBuffers, epilogue: Epilogue, tile: TileSizes): Step {
  const { batch, rows, depth, columns, transposeA, transposeB } = sizes;
  const isFourA = (transposeA ? rows : depth) % 4 === 0;
  const isFourB = (transposeB ? depth : columns) % 4 === 0;
  const isFourOut = columns % 4 === 0;
  const isWhole = depth % tile.depth === 0;
  const text = tileText(
    tile,
    matrixOperand('a', 'fromA', transposeA ? 'params.rows' : 'params.depth', !transposeA, isFourA, isWhole),
    matrixOperand('b', 'fromB', transposeB ? 'params.depth' : 'params.columns', transposeB, isFourB, isWhole),
  );
  const rowBlocks = Math.ceil(rows / tile.rows);
  const columnBlocks = Math.ceil(columns / tile.columns);
  return shaderStep({
    label: `matmul t${tile.rows}x${tile.columns}`,
    bindings: [
      reads('a', a, isFourA ? 'vec4f' : 'f32'),
      reads('b', b, isFourB ? 'vec4f' : 'f32'),
      ...epilogueBindings(epilogue, isFourOut),
    ],
    params: { ...productParams(sizes, rowBlocks, columnBlocks), depthSteps: u32(Math.ceil(depth / tile.depth)) },
    size: tileThreads(tile),
    groups: batch * rowBlocks * columnBlocks,
    declarations: `${text.declarations}\n${epilogueText(epilogue, isFourOut)}`,
    body: `let columnOrigin = group % params.columnBlocks * ${tile.columns}u;
let rowOrigin = group / params.columnBlocks % params.rowBlocks * ${tile.rows}u;
let image = group / params.columnBlocks / params.rowBlocks;
if (image < params.batch) {
  let fromA = image * params.strideA; let fromB = image * params.strideB;
  let depthSteps = params.depthSteps;
  ${text.prepare}
  ${text.declareSums}
  ${text.multiply}
  ${storeText(tile, text, 'image * params.rows')}
}`,
  });
}

/** Statements that finish and store all sums of an invocation. */
export function storeText(tile: TileSizes, text: ReturnType<typeof tileText>, base: string): string {
  return unroll(
    tile.threadRows,
    (r) =>
      `if (${text.row(r)} < params.rows) { ${unroll(tile.threadColumns / 4, (h) => `finish(${base} + ${text.row(r)}, ${text.column(h)}, ${text.sum(r, h)});`, ' ')} }`,
  );
}
