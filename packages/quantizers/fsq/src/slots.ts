/** Channels to indices and back: the levels of consecutive channels are the digits of one index, of as many as it takes. */
import { cast, concat, div, gather, mod, mul, slice, sum, type Tensor, tensor } from '@vqkit/core';

/** Most codes of an index: what entropy coders have models for. */
export const mostCodes = 2 ** 16;

/** Channels of an index. */
export interface Slot {
  readonly first: number;
  readonly levels: readonly number[];
  /** The product of the levels. */
  readonly codes: number;
}

/** As few slots as can be, of about equally many bits. @param levels  Each at most `mostCodes`. */
export function slotsOf(levels: readonly number[]): Slot[] {
  const bits = levels.map((count) => Math.log2(count));
  const total = bits.reduce((a, b) => a + b);
  for (let count = 1; ; count++) {
    const slots: Slot[] = [];
    let [before, last] = [0, -1];
    for (const [first, own] of bits.entries()) {
      const slot = Math.floor((count * (before + own / 2)) / total);
      before += own;
      const level = levels[first]!;
      const open = slot === last ? slots.pop()! : { first, levels: [], codes: 1 };
      slots.push({ ...open, levels: [...open.levels, level], codes: open.codes * level });
      last = slot;
    }
    if (slots.every(({ codes }) => codes <= mostCodes)) return slots;
  }
}

/** Values of each digit, lowest channel first. */
const basisOf = ({ levels }: Slot): number[] =>
  levels.map((_, i) => levels.slice(0, i).reduce((product, count) => product * count, 1));

const integers = (like: Tensor, values: readonly number[]): Tensor => tensor(like.backend, Uint32Array.from(values));

/** @param digits  f32 or u32 `[…, D]`, whole. @returns u32 `[…, S]`. */
export function packDigits(digits: Tensor, slots: readonly Slot[]): Tensor {
  const terms = mul(cast(digits, 'u32'), integers(digits, slots.flatMap(basisOf)));
  const outer = digits.shape.slice(0, -1);
  const parts = slots.map(({ first, levels }) => {
    const own =
      slots.length === 1 ? terms : slice(terms, [...outer.map(() => 0), first], { size: [...outer, levels.length] });
    return sum(own, { axes: -1, keepDims: true });
  });
  return concat(parts, -1);
}

/** @param indices  u32 or i32 `[…, S]`. @returns u32 `[…, D]`. */
export function unpackDigits(indices: Tensor, slots: readonly Slot[]): Tensor {
  const slotOf = slots.flatMap(({ levels }, slot) => levels.map(() => slot));
  const spread = gather(cast(indices, 'u32'), integers(indices, slotOf), -1);
  const levels = slots.flatMap((slot) => slot.levels);
  return mod(div(spread, integers(indices, slots.flatMap(basisOf))), integers(indices, levels));
}
