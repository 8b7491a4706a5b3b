/** Independent randomness for the parts of a quantizer: seeds on the host, keys inside compiled steps. */
import { slice } from '../ops/layout/slice.ts';
import { random } from '../random/random.ts';
import { randomBits } from '../random/random-bits.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** `count` seeds from one. */
export function splitSeed(seed: number, count: number): number[] {
  return [...random(seed).bits(count)];
}

/**
 * `count` keys from one; undefined for none stays none.
 *
 * @param key  u32 `[2]`.
 */
export function splitKey(key: Tensor | undefined, count: number): (Tensor | undefined)[] {
  if (key === undefined) return new Array<undefined>(count).fill(undefined);
  const words = randomBits(key, [2 * count]);
  return Array.from({ length: count }, (_, i) => slice(words, [2 * i], { size: [2] }));
}
