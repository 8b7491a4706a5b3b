/**
 * Filters on their way into the engine: logical `[kh, kw, cin, cout]`, in memory as they are or with the two channel
 * axes swapped, and rearranged in steps that each move whole runs of memory. (onnxruntime rearranges element by element
 * when the innermost axis moves together with others, which takes ten times as long.)
 */
import type { Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';

/** A filter by name: `[kh·kw, cin, cout]` in memory, or `[kh·kw, cout, cin]` where it is swapped. */
export interface Filter {
  readonly name: string;
  readonly size: readonly [number, number];
  readonly cin: number;
  readonly cout: number;
  readonly isSwapped: boolean;
}

/** The filter of an operand `[kh, kw, cin, cout]`. */
export function filterOf(operand: Operand): Filter {
  const [kh, kw, cin, cout] = operand.shape as [number, number, number, number];
  const name = operand.view([kh * kw, cin, cout]).name();
  return { name, size: [kh, kw], cin, cout, isSwapped: false };
}

/** The filter of the convolution that carries gradients back: turned by 180 degrees, inputs and outputs swapped. */
export function turnedFilter({ g }: Lowering, filter: Filter): Filter {
  const places = filter.size[0] * filter.size[1];
  const backwards = Array.from({ length: places }, (_, i) => places - 1 - i);
  const name = places === 1 ? filter.name : g.op('Gather', [filter.name, g.ints(backwards)], { axis: { int: 0 } });
  return { ...filter, name, cin: filter.cout, cout: filter.cin, isSwapped: !filter.isSwapped };
}

/** As ONNX convolutions want it: `[cout, cin, kh, kw]`. */
export function plainFilter({ g }: Lowering, filter: Filter): string {
  const { size, cin, cout, isSwapped } = filter;
  const places = size[0] * size[1];
  const rows = isSwapped ? filter.name : g.op('Transpose', [filter.name], { perm: { ints: [0, 2, 1] } });
  const flat = g.op('Reshape', [rows, g.ints([places, cout * cin])]);
  const turned = places === 1 ? flat : g.op('Transpose', [flat], { perm: { ints: [1, 0] } });
  return g.op('Reshape', [turned, g.ints([cout, cin, ...size])]);
}

/** As a matrix that rows of pixels are multiplied with, for 1×1 filters; `[cout, cin]` where it is swapped. */
export function filterMatrix({ g }: Lowering, { name, cin, cout, isSwapped }: Filter): string {
  return g.op('Reshape', [name, g.ints(isSwapped ? [cout, cin] : [cin, cout])]);
}

/**
 * As blocked convolutions want it: `[O/b, I/b, kh·kw, b (in), b (out)]`, or `[O/b, I, kh·kw, b (out)]` for fewer than b
 * inputs; zeros fill up the last block of outputs.
 */
export function blockedFilter(l: Lowering, filter: Filter, block: number): string {
  const { g } = l;
  const { cin, size } = filter;
  const wide = Math.ceil(filter.cout / block) * block;
  const places = size[0] * size[1];
  const whole = widened(l, filter, wide);
  const move = (name: string, dims: number[], perm: number[]): string =>
    g.op('Transpose', [g.op('Reshape', [name, g.ints(dims)])], { perm: { ints: perm } });
  const [ins, outs] = [cin / block, wide / block];
  let blocks: string;
  if (cin < block) {
    const rows = filter.isSwapped ? move(whole, [places, wide, cin], [0, 2, 1]) : whole;
    blocks = move(rows, [places, cin, outs, block], [2, 1, 0, 3]);
  } else if (filter.isSwapped) {
    const moved = move(whole, [places, outs, block, ins, block], [1, 3, 0, 2, 4]);
    blocks = move(moved, [outs * ins * places, block, block], [0, 2, 1]);
  } else {
    blocks = move(whole, [places, ins, block, outs, block], [3, 1, 0, 2, 4]);
  }
  return g.op('Reshape', [blocks, g.ints([wide, cin, ...size])]);
}

function widened({ g }: Lowering, { name, cout, isSwapped }: Filter, wide: number): string {
  if (wide === cout) return name;
  const pads = isSwapped ? [0, 0, 0, 0, wide - cout, 0] : [0, 0, 0, 0, 0, wide - cout];
  return g.op('Pad', [name, g.ints(pads), g.scalar(0, 'float')]);
}
