/** Broadcasting, reduced to what a shader needs: few axes, and for each input a stride along each of them. */
import { type Shape, stridesOf } from '@vqkit/core';

/** Axes that matter, outermost first, and the inputs' strides along them (0 where an input repeats). */
export interface CollapsedAxes {
  readonly sizes: readonly number[];
  /** `strides[input][axis]`, in elements. */
  readonly strides: readonly (readonly number[])[];
}

/** Strides of an input along the axes of `shape`, aligned at the right; 0 where it repeats. */
function stridesWithin(input: Shape, shape: Shape): number[] {
  const missing = shape.length - input.length;
  const strides = stridesOf(input);
  return shape.map((_, axis) => (axis < missing || input[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** Merges neighbouring axes along which every input keeps going in the same way, and drops those of size 1. */
export function collapseAxes(shape: Shape, inputs: readonly Shape[]): CollapsedAxes {
  const all = inputs.map((input) => stridesWithin(input, shape));
  const sizes: number[] = [];
  const strides: number[][] = inputs.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const continues = last >= 0 && all.every((own, i) => strides[i]![last]! === own[axis]! * size);
    if (continues) sizes[last]! *= size;
    else sizes.push(size);
    const at = sizes.length - 1;
    all.forEach((own, i) => {
      strides[i]![at] = own[axis]!;
    });
  });
  return { sizes, strides };
}

/** Whether strides are those of a tensor without repetition over `sizes`. */
export function isContiguous(strides: readonly number[], sizes: readonly number[]): boolean {
  const full = stridesOf(sizes);
  return strides.every((stride, axis) => stride === full[axis]);
}
