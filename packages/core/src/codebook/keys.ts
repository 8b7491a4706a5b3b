/** Independent randomness for the parts of a quantizer: seeds on the host, keys and numbers inside compiled steps. */

import type { Shape } from '../dtype.ts';
import { ValueError } from '../errors.ts';
import { add, maximum, mul, shiftRight } from '../ops/binary.ts';
import { cast } from '../ops/compare.ts';
import { slice } from '../ops/slice.ts';
import { cos, log, neg, sqrt } from '../ops/unary.ts';
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
export function splitKey(key: Tensor, count: number): Tensor[];
export function splitKey(key: Tensor | undefined, count: number): (Tensor | undefined)[];
export function splitKey(key: Tensor | undefined, count: number): (Tensor | undefined)[] {
  if (key === undefined) return new Array<undefined>(count).fill(undefined);
  const words = randomBits(key, [2 * count]);
  return Array.from({ length: count }, (_, i) => slice(words, [2 * i], { size: [2] }));
}

/** Even values in [0, 1), multiples of 2⁻²³, which float32 holds exactly. @param key  u32 `[2]` */
export function uniformBits(key: Tensor, shape: Shape): Tensor {
  // As signed numbers, which they are as well, they become floats more quickly.
  return mul(cast(cast(shiftRight(randomBits(key, shape), 9), 'i32'), 'f32'), 2 ** -23);
}

/** Standard Gumbel noise −log(−log u): the largest of scores + noise is drawn by softmax(scores). @param key  u32 `[2]` */
export function gumbelBits(key: Tensor, shape: Shape): Tensor {
  // The half step keeps u inside (0, 1), so both logarithms are finite.
  const u = add(uniformBits(key, shape), 2 ** -24);
  return neg(log(maximum(neg(log(u)), 1e-30)));
}

/** Standard normal values. @param key  u32 `[2]` @see Box & Muller 1958 */
export function normalBits(key: Tensor, shape: Shape): Tensor {
  const [radius, angle] = splitKey(key, 2).map((own) => add(uniformBits(own, shape), 2 ** -24)) as [Tensor, Tensor];
  return mul(sqrt(mul(log(radius), -2)), cos(mul(angle, 2 * Math.PI)));
}

/** @internal The key, or an error that says where it comes from. */
export function requireKey(name: string, key: Tensor | undefined): Tensor {
  if (key !== undefined) return key;
  throw new ValueError({
    code: 'KEY_MISSING',
    message: `${name}: expected random words to choose vectors with, got no key`,
    fix: 'Pass update(params, statistics, { key }) with a u32 [2] tensor that is new in each step, e.g. tensor(backend, random(seed).bits(2))',
  });
}
