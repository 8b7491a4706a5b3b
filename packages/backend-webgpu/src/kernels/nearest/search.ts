/** What the kernels of a search share: sizes, bindings, parameters, and how a winner is stored. */
import { input, output, temporary } from '../../plan.ts';
import { type Binding, f32, type Parameter, reads, u32, writes } from '../../wgsl/shader.ts';

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

/** Bindings of a search, limited to the rows of a dispatch. */
export function nearestBindings({ rows, depth, firstRow, hasDistances }: NearestSizes, isFour: boolean): Binding[] {
  const element = isFour ? 'vec4f' : 'f32';
  const part = (rowBytes: number): { offset: number; bytes: number } => ({
    offset: firstRow * rowBytes,
    bytes: rows * rowBytes,
  });
  return [
    reads('x', { ...input(0), ...part(depth * 4) }, element),
    reads('codebook', input(1), element),
    reads('norms', temporary(0)),
    writes('indices', { ...output(0), ...part(4) }, 'u32'),
    ...(hasDistances ? [writes('distances', { ...output(1), ...part(4) })] : []),
  ];
}

/** Parameters of a search. */
export function nearestParams({ rows, codes, depth }: NearestSizes): Record<string, Parameter> {
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
