/**
 * The search by tiles: the codebook streams through workgroup memory, and each invocation keeps a running best for its
 * rows over the codes that it sees. At the end the invocations of a row compare notes.
 */
import type { Step } from '../../plan.ts';
import { range, shaderStep, u32, unroll } from '../../wgsl/shader.ts';
import { type TileSizes, tileText, tileThreads } from '../gemm/tile.ts';
import { matrixOperand } from '../gemm/tiled-matmul.ts';
import { finishText, type NearestSizes, nearestBindings, nearestParams } from './search.ts';

/** The dispatch of a search over some rows; the depth is a multiple of 4. */
export function tiledNearest(sizes: NearestSizes, tile: TileSizes): Step {
  const isWhole = sizes.depth % tile.depth === 0;
  const operand = (name: string): ReturnType<typeof matrixOperand> =>
    matrixOperand(name, '0u', 'params.depth', true, true, isWhole);
  const text = tileText(tile, operand('x'), operand('codebook'));
  const across = tile.columns / tile.threadColumns;
  const threads = tileThreads(tile);
  const compare = (r: number): string =>
    unroll(tile.threadColumns / 4, (h) =>
      unroll(4, (c) => {
        const code = `${text.column(h)} + ${c}u`;
        return `{ let score = select(params.worst, norms[${code}] - ${text.sum(r, h)}[${c}], ${code} < params.codes);
      if (score < best${r}) { best${r} = score; index${r} = ${code}; } }`;
      }),
    );
  const rows = range(tile.threadRows);
  return shaderStep({
    label: `nearestCode t${tile.rows}x${tile.columns}`,
    bindings: nearestBindings(sizes, true),
    params: {
      ...nearestParams(sizes),
      depthSteps: u32(Math.ceil(sizes.depth / tile.depth)),
      blocks: u32(Math.ceil(sizes.codes / tile.columns)),
    },
    size: threads,
    groups: Math.ceil(sizes.rows / tile.rows),
    declarations: `${text.declarations}
var<workgroup> scores: array<f32, ${tile.rows * across}>;
var<workgroup> winners: array<u32, ${tile.rows * across}>;
${finishText(sizes, true)}`,
    body: `let rowOrigin = group * ${tile.rows}u;
if (rowOrigin < params.rows) {
  let depthSteps = params.depthSteps;
  ${rows.map((r) => `var best${r} = params.worst; var index${r} = 0u;`).join('\n  ')}
  for (var block = 0u; block < params.blocks; block++) {
    let columnOrigin = block * ${tile.columns}u;
    ${text.prepare}
    ${text.declareSums}
    ${text.multiply}
    ${rows.map(compare).join('\n    ')}
  }
  let threadRow = lane / ${across}u; let threadColumn = lane % ${across}u;
  ${rows
    .map((r) => {
      const local = `(${text.row(r)} - rowOrigin) * ${across}u + threadColumn`;
      return `scores[${local}] = best${r}; winners[${local}] = index${r};`;
    })
    .join('\n  ')}
  workgroupBarrier();
  for (var r = lane; r < ${tile.rows}u; r += ${threads}u) {
    var best = scores[r * ${across}u]; var index = winners[r * ${across}u];
    for (var t = r * ${across}u + 1u; t < (r + 1u) * ${across}u; t++) {
      // Equal scores go to the lowest index, whoever found it.
      if ((scores[t] < best) | ((scores[t] == best) & (winners[t] < index))) { best = scores[t]; index = winners[t]; }
    }
    if (rowOrigin + r < params.rows) { finish(rowOrigin + r, index); }
  }
}`,
  });
}
