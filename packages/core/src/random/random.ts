/**
 * Seeded random tensors. A `Random` is a key plus a position; it is made on the host, so that every backend gets the
 * same values. `split` gives independent streams; `state` and `fromState` resume one.
 */
import type { Backend } from '../backend/backend.ts';
import { type Shape, sizeOf } from '../dtype.ts';
import { tensor } from '../ops/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { threefryFill } from './threefry.ts';

/** Where a stream stands: enough to go on exactly there. */
export interface RandomState {
  readonly key: readonly [number, number];
  readonly position: number;
}

/** A stream of random numbers. */
export class Random {
  readonly #key: readonly [number, number];
  #position: number;

  /** @internal Use `random(seed)` or `Random.fromState`. */
  constructor({ key, position }: RandomState) {
    this.#key = key;
    this.#position = position;
  }

  /** Goes on from a saved state. */
  static fromState(state: RandomState): Random {
    return new Random(state);
  }

  /** Where this stream stands now. */
  get state(): RandomState {
    return { key: this.#key, position: this.#position };
  }

  /** An independent stream, the same for the same label. */
  split(label: number): Random {
    const words = new Uint32Array(2);
    // Counters from 2⁵² on are kept for this, so that no stream repeats the words of its parent.
    threefryFill(words, this.#key, 2 ** 52 + (label >>> 0));
    return new Random({ key: [words[0]!, words[1]!], position: 0 });
  }

  /** Random 32-bit words. */
  bits(count: number): Uint32Array {
    const words = new Uint32Array(count);
    threefryFill(words, this.#key, this.#position);
    this.#position += Math.ceil(count / 2);
    return words;
  }

  /** One number in [0, 1), a multiple of 2⁻²⁴. */
  next(): number {
    return (this.bits(1)[0]! >>> 8) * 2 ** -24;
  }

  /** A whole number in [0, bound). */
  integer(bound: number): number {
    return Math.floor((this.bits(1)[0]! * bound) / 2 ** 32);
  }

  /** Values in [low, high), on the host. */
  uniformArray(size: number, low = 0, high = 1): Float32Array {
    const words = this.bits(size);
    const values = new Float32Array(size);
    const step = 2 ** -24 * (high - low);
    for (let i = 0; i < size; i++) values[i] = low + (words[i]! >>> 8) * step;
    return values;
  }

  /** Normally distributed values, on the host. @see Box & Muller 1958 */
  normalArray(size: number, mean = 0, deviation = 1): Float32Array {
    const words = this.bits(size + (size % 2));
    const values = new Float32Array(size);
    for (let i = 0; i < size; i += 2) {
      // (word + 1)·2⁻³² lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log((words[i]! + 1) * 2 ** -32));
      const angle = 2 * Math.PI * words[i + 1]! * 2 ** -32;
      values[i] = mean + deviation * radius * Math.cos(angle);
      if (i + 1 < size) values[i + 1] = mean + deviation * radius * Math.sin(angle);
    }
    return values;
  }

  /** A permutation of 0 … size − 1. @see Fisher & Yates */
  permutation(size: number): Uint32Array {
    const order = Uint32Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** f32 tensor of values in [low, high). */
  uniform(backend: Backend, shape: Shape, low = 0, high = 1): Tensor {
    return tensor(backend, this.uniformArray(sizeOf(shape), low, high), shape);
  }

  /** f32 tensor of normally distributed values. */
  normal(backend: Backend, shape: Shape, mean = 0, deviation = 1): Tensor {
    return tensor(backend, this.normalArray(sizeOf(shape), mean, deviation), shape);
  }
}

/**
 * A stream from a seed.
 *
 * @param seed  Any whole number up to 2⁵³.
 *
 * @example
 * const noise = random(7).normal(backend, [1, 16, 16, 64]); // the same on every backend
 */
export function random(seed: number): Random {
  return new Random({ key: [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0], position: 0 });
}
