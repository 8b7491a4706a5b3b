/** Bits to indices and back: D signs are packed into slots of at most 16 bits, lowest channel in the lowest bit. */
import {
  add,
  bitAnd,
  cast,
  concat,
  gather,
  greater,
  mul,
  shiftRight,
  slice,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@vqkit/core';

/** Bits per slot: as even as they can be, none above `most`. */
export function slotBits(bits: number, most = 16): number[] {
  const slots = Math.ceil(bits / most);
  return Array.from({ length: slots }, (_, i) => Math.floor((bits * (i + 1)) / slots) - Math.floor((bits * i) / slots));
}

/**
 * @param z  f32 `[…, D]`.
 * @returns u32 `[…, S]`: bit i of a slot is 1 where its channel is positive.
 */
export function packSigns(z: Tensor, sizes: readonly number[]): Tensor {
  const powers = sizes.flatMap((bits) => Array.from({ length: bits }, (_, i) => 2 ** i));
  const terms = mul(cast(greater(z, 0), 'u32'), tensor(z.backend, Uint32Array.from(powers)));
  let start = 0;
  const slots = sizes.map((bits) => {
    const begin = [...z.shape.slice(0, -1).map(() => 0), start];
    start += bits;
    return sum(slice(terms, begin, { size: [...z.shape.slice(0, -1), bits] }), { axes: -1, keepDims: true });
  });
  return concat(slots, -1);
}

/**
 * @param indices  u32 or i32 `[…, S]`.
 * @returns f32 `[…, D]` of −scale and +scale.
 */
export function unpackSigns(indices: Tensor, sizes: readonly number[], scale: number): Tensor {
  const { backend } = indices;
  const slotOf = sizes.flatMap((bits, slot) => new Array<number>(bits).fill(slot));
  const placeOf = sizes.flatMap((bits) => Array.from({ length: bits }, (_, i) => i));
  const spread = gather(cast(indices, 'u32'), tensor(backend, Uint32Array.from(slotOf)), -1);
  const bits = bitAnd(shiftRight(spread, tensor(backend, Uint32Array.from(placeOf))), 1);
  return mul(sub(add(cast(bits, 'f32'), cast(bits, 'f32')), 1), scale);
}
