/** Random bits made on the backend itself: the same words as `Random.bits` for the same key, counters from 0. */
import type { Shape } from '../dtype.ts';
import { sizeOf } from '../dtype.ts';
import { add, bitOr, bitXor, shiftLeft, shiftRight } from '../ops/binary.ts';
import { checkShape } from '../ops/broadcast-shapes.ts';
import { range, zeros } from '../ops/create.ts';
import { defineOp } from '../ops/define-op.ts';
import { stack } from '../ops/layout.ts';
import { reshape } from '../ops/reshape.ts';
import { slice } from '../ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { threefryParity, threefryRotations } from './threefry.ts';

const randomBitsOp = defineOp<{ readonly shape: Shape }>({
  name: 'randomBits',
  infer: ([key], { shape }) => {
    checkShape('randomBits', 'a key', key!, [2]);
    return [{ shape: [...shape], dtype: 'u32' }];
  },
  forward: ([key], { shape }) => {
    const size = sizeOf(shape);
    const blocks = Math.ceil(size / 2);
    const [key0, key1] = [0, 1].map((i) => slice(key!, [i], { size: [1] })) as [Tensor, Tensor];
    const keys = [key0, key1, bitXor(bitXor(key0, key1), threefryParity)];
    let x0 = add(range(key!.backend, blocks), key0);
    let x1 = add(zeros(key!.backend, [blocks], 'u32'), key1);
    for (let group = 0; group < 5; group++) {
      for (const r of threefryRotations[group % 2]!) {
        x0 = add(x0, x1);
        x1 = bitXor(bitOr(shiftLeft(x1, r), shiftRight(x1, 32 - r)), x0);
      }
      x0 = add(x0, keys[(group + 1) % 3]!);
      x1 = add(add(x1, keys[(group + 2) % 3]!), group + 1);
    }
    const words = reshape(stack([x0, x1], 1), [2 * blocks]);
    return [reshape(slice(words, [0], { size: [size] }), shape)];
  },
});

/**
 * Random 32-bit words.
 *
 * @param key  u32 `[2]`, e.g. the key of a `Random`; vary it to get other words.
 * @returns u32 of `shape`.
 */
export function randomBits(key: Tensor, shape: Shape): Tensor {
  return randomBitsOp([key], { shape })[0]!;
}
