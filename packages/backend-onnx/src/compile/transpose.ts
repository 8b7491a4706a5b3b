/**
 * Rearranging values by onnxruntime's Transpose in the steps that it does well. It is fast at two things: matrices, and
 * permutations that move whole runs of memory. It is slow at everything else: element by element where the innermost
 * axis moves together with others, and, with several threads, one dispatch for every matrix of a batch. So what is
 * neither becomes a permutation of runs and one transposed matrix, ten to a hundred times as fast.
 */
import type { GraphBuilder } from '../model/builder.ts';
import type { Dialect } from './lowering.ts';

/** What rearranging needs to know. */
export interface TransposeContext {
  readonly g: GraphBuilder;
  readonly dialect: Pick<Dialect, 'contrib' | 'isParallel'>;
}

// Elements of a matrix below which transposing it takes less time than handing it to a thread (1.6 µs).
const smallMatrix = 4096;
// So many dispatches cost less than another pass over memory.
const fewMatrices = 16;
// Values that lie together; moving fewer at a time is slower than parting them.
const shortRun = 8;
// With several threads the engine transposes matrices of fewer rows three times as slowly as it joins them.
const flatMatrix = 3;

/**
 * Values by name, seen with other dimensions, with these axes in another sequence.
 *
 * @param dims  Dimensions of the values as they lie.
 * @param perm  Axis `i` of the result is axis `perm[i]` of `dims`.
 */
export function transposed(
  context: TransposeContext,
  name: string,
  dims: readonly number[],
  perm: readonly number[],
): string {
  const { g, dialect } = context;
  const short = merged(dims, perm);
  const result = perm.map((axis) => dims[axis]!);
  if (!dialect.contrib || short.dims.length < 3 || isDirect(dialect, short)) return step(g, name, dims, perm);
  const { dims: d, perm: p } = short;
  const last = d.length - 1;
  if (d[last]! < shortRun) {
    // The few innermost values are parted, which leaves runs to be moved.
    const parted = [last, ...axes(0, last)];
    const runs = apart(g, name, sizeOf(d, axes(0, last)), d[last]!);
    const back = p.map((axis) => parted.indexOf(axis));
    return reshaped(g, step(g, runs, [d[last]!, ...d.slice(0, last)], back), result);
  }
  // Runs of the innermost axis are brought together, then the matrix is turned.
  const place = p.indexOf(last) + 1;
  const [back, front] = [p.slice(0, place), p.slice(place)];
  const runs = step(g, name, d, [...front, ...back]);
  const [rows, columns] = [sizeOf(d, front), sizeOf(d, back)];
  const isFlat = dialect.isParallel && rows <= flatMatrix;
  return reshaped(g, isFlat ? together(g, runs, rows, columns) : step(g, runs, [rows, columns], [1, 0]), result);
}

/** A matrix of few columns, transposed. (Of Transpose before Transpose the engine would make a slow one again.) */
function apart(g: GraphBuilder, name: string, rows: number, columns: number): string {
  const matrix = reshaped(g, name, [rows, columns]);
  const parts = g.opMany('Split', [matrix], columns, { axis: { int: 1 }, num_outputs: { int: columns } });
  return g.op('Concat', parts, { axis: { int: 0 } });
}

/** A matrix of few rows, transposed. */
function together(g: GraphBuilder, name: string, rows: number, columns: number): string {
  const matrix = reshaped(g, name, [rows, columns]);
  const parts = g.opMany('Split', [matrix], rows, { axis: { int: 0 }, num_outputs: { int: rows } });
  const lines = parts.map((part) => reshaped(g, part, [columns, 1]));
  return g.op('Concat', lines, { axis: { int: 1 } });
}

interface Permutation {
  readonly dims: readonly number[];
  readonly perm: readonly number[];
}

/** The same rearrangement with the fewest axes: those of one element are left out, those that stay together joined. */
function merged(dims: readonly number[], perm: readonly number[]): Permutation {
  const groups: number[][] = [];
  for (const axis of perm) {
    if (dims[axis] === 1) continue;
    const group = groups.at(-1);
    const isNext = group !== undefined && axes(group.at(-1)! + 1, axis).every((between) => dims[between] === 1);
    if (isNext && axis > group.at(-1)!) group.push(axis);
    else groups.push([axis]);
  }
  const sequence = [...groups].sort((a, b) => a[0]! - b[0]!);
  return {
    dims: sequence.map((group) => sizeOf(dims, group)),
    perm: groups.map((group) => sequence.indexOf(group)),
  };
}

/** Whether the engine is good at it as it is. */
function isDirect({ isParallel }: TransposeContext['dialect'], { dims, perm }: Permutation): boolean {
  if (perm.at(-1) === dims.length - 1) return true;
  const isBatch = dims.length === 3 && perm[0] === 0;
  return isBatch && (!isParallel || dims[0]! <= fewMatrices || dims[1]! * dims[2]! >= smallMatrix);
}

function axes(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function sizeOf(dims: readonly number[], chosen: readonly number[]): number {
  return chosen.reduce((size, axis) => size * dims[axis]!, 1);
}

function reshaped(g: GraphBuilder, name: string, dims: readonly number[]): string {
  return g.op('Reshape', [name, g.ints(dims)]);
}

function step(g: GraphBuilder, name: string, dims: readonly number[], perm: readonly number[]): string {
  return g.op('Transpose', [reshaped(g, name, dims)], { perm: { ints: perm } });
}
