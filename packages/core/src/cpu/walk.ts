/**
 * Walking several strided operands in step. A plan drops axes of size 1 and merges neighbours wherever every operand
 * allows it, so that the innermost runs, which the kernels loop over, are as long as possible.
 */
import type { Shape } from '../dtype.ts';

/** Merged axes, outermost first, and each operand's strides along them, in elements. */
export interface MergedAxes {
  readonly sizes: readonly number[];
  /** `strides[operand][axis]` */
  readonly strides: readonly (readonly number[])[];
}

/** A walk along merged axes. */
export interface WalkPlan extends MergedAxes {
  /** Length of an innermost run. */
  readonly inner: number;
  /** Each operand's stride within a run. */
  readonly innerStrides: readonly number[];
}

/** Row-major strides of `from` along the axes of `to`; 0 where it is broadcast. Axes are aligned at the end. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = new Array<number>(to.length).fill(0);
  let stride = 1;
  for (let i = from.length - 1; i >= 0; i--) {
    if (from[i] !== 1) strides[i + to.length - from.length] = stride;
    stride *= from[i]!;
  }
  return strides;
}

/**
 * Merges neighbouring axes along which every operand keeps going in the same way, and drops those of size 1.
 *
 * @param operands  Strides of each operand along the axes of `shape`; 0 where it repeats.
 */
export function mergeAxes(shape: Shape, operands: readonly (readonly number[])[]): MergedAxes {
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const canMerge = sizes.length > 0 && operands.every((of, k) => strides[k]!.at(-1) === of[axis]! * size);
    if (canMerge) sizes[sizes.length - 1]! *= size;
    else sizes.push(size);
    operands.forEach((of, k) => {
      if (canMerge) strides[k]!.pop();
      strides[k]!.push(of[axis]!);
    });
  });
  return { sizes, strides };
}

/** Plans a walk over `shape`, in row-major order, for operands with the given strides. */
export function planWalk(shape: Shape, operands: readonly (readonly number[])[]): WalkPlan {
  const { sizes, strides } = mergeAxes(shape, operands);
  return { sizes, strides, inner: sizes.at(-1) ?? 1, innerStrides: strides.map((of) => of.at(-1) ?? 0) };
}

/**
 * Visits every innermost run of a plan in order.
 *
 * @param starts  Each operand's offset at index zero.
 * @param visit  Gets each operand's offset at the start of the run (a reused array) and the row-major position.
 */
export function walkRuns(
  { sizes, strides, inner }: WalkPlan,
  starts: readonly number[],
  visit: (offsets: readonly number[], position: number) => void,
): void {
  if (sizes.includes(0)) return;
  const offsets = [...starts];
  const outer = sizes.slice(0, -1);
  const index = outer.map(() => 0);
  for (let position = 0; ; position += inner) {
    visit(offsets, position);
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      index[axis]!++;
      for (let k = 0; k < offsets.length; k++) offsets[k]! += strides[k]![axis]!;
      if (index[axis]! < outer[axis]!) break;
      for (let k = 0; k < offsets.length; k++) offsets[k]! -= strides[k]![axis]! * outer[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
