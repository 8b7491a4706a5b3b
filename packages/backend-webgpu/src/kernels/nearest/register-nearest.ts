/** The search without workgroup memory: an invocation compares a few rows with blocks of codes held in registers. */
import type { Step } from '../../plan.ts';
import { shaderStep, unroll } from '../../wgsl/shader.ts';
import { finishText, type NearestSizes, nearestBindings, nearestParams } from './search.ts';

const tileRows = 4;
const tileCodes = 8;

/** The dispatch of a search over some rows. */
export function registerNearest(sizes: NearestSizes): Step {
  const isFour = sizes.depth % 4 === 0;
  const step = isFour ? 4 : 1;
  const read = (name: string, row: string): string => `${name}[((${row}) * params.depth + d) / ${step}u]`;
  const product = (p: number, c: number): string => `${isFour ? `dot(x${p}, code)` : `x${p} * code`} + s${p}_${c}`;
  // Scores of codes beyond the last are worse than any; within a block the first of equals wins.
  const compare = (p: number, c: number): string =>
    `{ let score = select(params.worst, norms[first + ${c}u] - s${p}_${c}, first + ${c}u < params.codes);
      if (score < best${p}) { best${p} = score; index${p} = first + ${c}u; } }`;
  const size = Math.min(64, Math.max(8, 2 ** Math.ceil(Math.log2(Math.ceil(sizes.rows / tileRows)))));
  return shaderStep({
    label: `nearestCode r${tileRows}x${tileCodes}`,
    bindings: nearestBindings(sizes, isFour),
    params: nearestParams(sizes),
    size,
    groups: Math.ceil(sizes.rows / tileRows / size),
    declarations: finishText(sizes, isFour),
    body: `let row = thread * ${tileRows}u;
if (row < params.rows) {
  ${unroll(tileRows, (p) => `var best${p} = params.worst; var index${p} = 0u;`)}
  for (var first = 0u; first < params.codes; first += ${tileCodes}u) {
    ${unroll(tileRows, (p) => unroll(tileCodes, (c) => `var s${p}_${c} = 0.0;`, ' '))}
    for (var d = 0u; d < params.depth; d += ${step}u) {
      ${unroll(tileRows, (p) => `let x${p} = ${read('x', `row + ${p}u`)};`)}
      ${unroll(tileCodes, (c) => `{ let code = ${read('codebook', `first + ${c}u`)}; ${unroll(tileRows, (p) => `s${p}_${c} = ${product(p, c)};`, ' ')} }`)}
    }
    ${unroll(tileRows, (p) => unroll(tileCodes, (c) => compare(p, c)))}
  }
  ${unroll(tileRows, (p) => `if (row + ${p}u < params.rows) { finish(row + ${p}u, index${p}); }`)}
}`,
  });
}
