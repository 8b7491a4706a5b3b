/** Filters as operands: logical `[kh, kw, cin, cout]`, whatever their memory. */
import type { Lowering } from '../lowering.ts';
import { Operand, Value } from '../value.ts';

/** The filter of the convolution that carries gradients back: turned by 180 degrees, with inputs and outputs swapped. */
export function transposedFilter(l: Lowering, filter: Operand): Operand {
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  const name = kh * kw === 1 ? filter.name() : reversed(l, filter);
  const form = { name, shape: [kh, kw, cout, cin], order: [0, 1, 3, 2], type: 'float' } as const;
  return new Operand(l.g, new Value('f32', { forms: [form] }), form.shape);
}

function reversed({ g }: Lowering, filter: Operand): string {
  const toFront = -(2 ** 31);
  return g.op('Slice', [filter.name(), g.ints([-1, -1]), g.ints([toFront, toFront]), g.ints([0, 1]), g.ints([-1, -1])]);
}

/** The filter with zero columns added, so that it has `cout` outputs. */
export function widenedFilter(l: Lowering, filter: Operand, cout: number): Operand {
  const [kh, kw, cin, own] = filter.shape as [number, number, number, number];
  if (own === cout) return filter;
  const pads = l.g.ints([0, 0, 0, 0, 0, 0, 0, cout - own]);
  const name = l.g.op('Pad', [filter.name(), pads, l.g.scalar(0, 'float')]);
  return l.operand(name, 'f32', [kh, kw, cin, cout]);
}
