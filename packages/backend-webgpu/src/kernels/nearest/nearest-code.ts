/**
 * `nearestCode`: for each vector the code at the smallest distance, without the matrix of distances. The order of
 * |x − c|² is that of |c|²/2 − x·c, so the work is a matrix product whose columns are compared as they come; the
 * distance itself is computed once, from the winner, by differences.
 */
import type { DeviceTraits } from '../../device/traits.ts';
import { emptyPlan, input, type Kernel, type KernelContext, output, type Step, temporary } from '../../plan.ts';
import { f32, shaderStep, u32 } from '../../wgsl/shader.ts';
import { tileVariants } from '../gemm/tile.ts';
import { registerNearest } from './register-nearest.ts';
import { tiledNearest } from './tiled-nearest.ts';

/** Sizes of a search, and the rows of this dispatch when there are several. */
export interface NearestSizes {
  readonly rows: number;
  readonly codes: number;
  readonly depth: number;
  /** First row; its bytes are a multiple of the binding alignment. */
  readonly firstRow: number;
  /** Whether distances are wanted besides the indices. */
  readonly hasDistances: boolean;
}

/** Half the squared norm of each code. */
function normsStep(codes: number, depth: number): Step {
  return shaderStep({
    label: 'nearestCode norms',
    bindings: [
      { name: 'codebook', element: 'f32', buffer: input(1) },
      { name: 'norms', element: 'f32', buffer: temporary(0), isWritten: true },
    ],
    params: { codes: u32(codes), depth: u32(depth), half: f32(0.5) },
    size: 64,
    groups: Math.ceil(codes / 64),
    body: `if (thread < params.codes) {
  var total = 0.0;
  for (var d = 0u; d < params.depth; d++) { let c = codebook[thread * params.depth + d]; total = fma(c, c, total); }
  norms[thread] = params.half * total;
}`,
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

/** Bindings of a search, limited to the rows of a dispatch. */
export function nearestBindings(
  { rows, depth, firstRow, hasDistances }: NearestSizes,
  isFour: boolean,
): Parameters<typeof shaderStep>[0]['bindings'] {
  const element = isFour ? 'vec4f' : 'f32';
  const part = (rowBytes: number): { offset: number; bytes: number } => ({
    offset: firstRow * rowBytes,
    bytes: rows * rowBytes,
  });
  return [
    { name: 'x', element, buffer: { ...input(0), ...part(depth * 4) } },
    { name: 'codebook', element, buffer: input(1) },
    { name: 'norms', element: 'f32', buffer: temporary(0) },
    { name: 'indices', element: 'u32', buffer: { ...output(0), ...part(4) }, isWritten: true },
    ...(hasDistances
      ? [{ name: 'distances', element: 'f32', buffer: { ...output(1), ...part(4) }, isWritten: true }]
      : []),
  ];
}

/** Parameters of a search. */
export function nearestParams({ rows, codes, depth }: NearestSizes): Parameters<typeof shaderStep>[0]['params'] {
  return { rows: u32(rows), codes: u32(codes), depth: u32(depth), worst: f32(Number.POSITIVE_INFINITY) };
}

/** Declares `finish(row, index)`, which stores the winner and, where wanted, its distance. */
export function finishText({ hasDistances }: NearestSizes, isFour: boolean): string {
  if (!hasDistances) return 'fn finish(row: u32, index: u32) { indices[row] = index; }';
  const [type, step] = isFour ? ['vec4f', 4] : ['f32', 1];
  return `fn finish(row: u32, index: u32) {
  var total = 0.0;
  for (var d = 0u; d < params.depth; d += ${step}u) {
    let difference: ${type} = x[(row * params.depth + d) / ${step}u] - codebook[(index * params.depth + d) / ${step}u];
    total += ${isFour ? 'dot(difference, difference)' : 'difference * difference'};
  }
  indices[row] = index;
  distances[row] = total;
}`;
}
