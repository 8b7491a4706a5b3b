/**
 * Convolutions that enlarge (gradients of strided ones with respect to their input): the pixels of the result at one
 * place of every stride, a phase, see only some places of the filter, and to these the result is a plain convolution.
 * So there is one blocked convolution per phase, and their images are interleaved: twice as fast as ConvTranspose.
 */
import type { Conv2dAttributes, GraphView } from '@vqkit/core';
import { blockedOrder, blockedShape } from '../blocked.ts';
import type { Lowering } from '../lowering.ts';
import { transposed } from '../transpose.ts';
import { Operand, type Value } from '../value.ts';
import { convolve } from './convolve.ts';
import { type Filter, turnedFilter } from './filters.ts';

/** Lowers the gradient, unless phases differ in size or channels do not fill blocks: then undefined. */
export function inPhases(
  l: Lowering,
  dy: Operand,
  filter: Filter,
  { strides, pads, dilations }: Conv2dAttributes,
  view: GraphView,
): Value | undefined {
  const [n, height, width, channels] = view.shape as [number, number, number, number];
  const [sy, sx] = strides;
  const shape = blockedShape([n, height / sy, width / sx, channels], l.dialect.blockSize);
  const isEven = height % sy === 0 && width % sx === 0 && dilations.every((d) => d === 1);
  if (shape === undefined || !isEven || dy.blocks() === undefined) return undefined;
  const rows = phasesOf(height, sy, filter.size[0], pads[0], dy.shape[1]!);
  const columns = phasesOf(width, sx, filter.size[1], pads[1], dy.shape[2]!);
  if (rows === undefined || columns === undefined) return undefined;
  const phase: GraphView = { ...view, shape: [n, height / sy, width / sx, channels] };
  const { g } = l;
  const parts = rows.flatMap((row) =>
    columns.map((column) => {
      const window = {
        strides: [1, 1],
        pads: [row.before, column.before, row.after, column.after],
        dilations: [1, 1],
      } as const;
      const part = convolve(l, { x: dy, filter: turnedFilter(l, filter, row.places, column.places), window }, phase);
      return new Operand(l, part, phase.shape).blocks()!.name(blockedOrder);
    }),
  );
  const [, h, w, blocks, block] = shape as [number, number, number, number, number];
  const all = g.op('Concat', parts, { axis: { int: 0 } });
  const name = transposed(l, all, [sy, sx, n * blocks, h, w, block], [2, 3, 0, 4, 1, 5]);
  const whole = [n, height, width, blocks, block];
  const image = g.op('Reshape', [name, g.ints(blockedOrder.map((axis) => whole[axis]!))]);
  return l.result(view, image, { shape: whole, order: blockedOrder });
}

/** Along one axis: which places of the filter a phase sees, and how far its window reaches beyond dy. */
interface Phase {
  readonly places: readonly number[];
  readonly before: number;
  readonly after: number;
}

/** Result pixel q·stride + r takes dy[(q·stride + r + pad − k) / stride] at filter place k, where that is whole. */
function phasesOf(extent: number, stride: number, size: number, pad: number, given: number): Phase[] | undefined {
  const phases = Array.from({ length: stride }, (_, r): Phase => {
    const first = (r + pad) % stride;
    const count = Math.max(0, Math.ceil((size - first) / stride));
    const places = Array.from({ length: count }, (_, i) => first + (count - 1 - i) * stride);
    const offset = (r + pad - (places[0] ?? 0)) / stride;
    return { places, before: -offset, after: offset + count - 1 + extent / stride - given };
  });
  const isPlain = phases.every(({ places, before, after }) => places.length > 0 && before >= 0 && after >= 0);
  return isPlain ? phases : undefined;
}
