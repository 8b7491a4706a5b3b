/**
 * `nearestCode`: for each vector the code at the smallest distance, without the matrix of distances. The order of
 * |x − c|² is that of |c|²/2 − x·c, so the work is a matrix product whose columns are compared as they come; the
 * distance itself is computed once, from the winner, by differences.
 */
import type { DeviceTraits } from '../../device/traits.ts';
import { emptyPlan, input, type Kernel, type KernelContext, type Step, temporary } from '../../plan.ts';
import { f32, reads, threadStep, u32, writes } from '../../wgsl/shader.ts';
import { tileVariants } from '../gemm/tile.ts';
import { registerNearest } from './register-nearest.ts';
import { tiledNearest } from './tiled-nearest.ts';

/** Half the squared norm of each code. */
function normsStep(codes: number, depth: number): Step {
  return threadStep({
    label: 'nearestCode norms',
    threads: codes,
    bindings: [reads('codebook', input(1)), writes('norms', temporary(0))],
    params: { depth: u32(depth), half: f32(0.5) },
    body: `var total = 0.0;
  for (var d = 0u; d < params.depth; d++) { let c = codebook[thread * params.depth + d]; total = fma(c, c, total); }
  norms[thread] = params.half * total;`,
  });
}

/** Rows whose vectors one binding can span, in whole blocks so that offsets stay aligned. */
function rowsPerDispatch(depth: number, { maxBindingBytes, bindingAlignment }: DeviceTraits): number {
  const block = Math.max(64, bindingAlignment / 4);
  return Math.max(1, Math.floor(maxBindingBytes / (depth * 4) / block)) * block;
}

function variantFor(depth: number, traits: DeviceTraits, variantOf: KernelContext['variantOf']): string {
  if (depth % 4 !== 0) return 'register';
  const tiles = ['tile64x64', 'tile128x64', 'tile32x64'];
  return variantOf(`nearestCode ${depth}`, traits.isSoftware ? ['register', ...tiles] : [...tiles, 'register']);
}

/** x `[N,D]`, codebook `[K,D]` → indices `[N]` and, if there is a second output, squared distances `[N]`. */
export const nearestCode: Kernel<object> = ({ inputs, outputs }, { traits, variantOf }) => {
  const [rows, depth] = inputs[0]!.shape as [number, number];
  const codes = inputs[1]!.shape[0]!;
  if (rows === 0) return emptyPlan;
  const variant = variantFor(depth, traits, variantOf);
  const most = rowsPerDispatch(Math.max(1, depth), traits);
  const steps = [normsStep(codes, depth)];
  for (let firstRow = 0; firstRow < rows; firstRow += most) {
    const sizes = { rows: Math.min(most, rows - firstRow), codes, depth, firstRow, hasDistances: outputs.length > 1 };
    const tile = tileVariants[variant as keyof typeof tileVariants];
    steps.push(tile ? tiledNearest(sizes, tile) : registerNearest(sizes));
  }
  return { steps, temporaries: [codes * 4] };
};
