/**
 * Order-0 models: how often every symbol occurs, whatever is around it.
 *
 * `StaticModel` has a table from a prior; `AdaptiveModel` starts even and counts what it codes, in a tree of partial sums
 * (Fenwick 1994, "A new data structure for cumulative frequency tables").
 */
import type { RangeDecoder, RangeEncoder } from './range-coder.ts';

/** Sum of the frequencies of a static table. */
const staticTotal = 65536;

/** Codes symbols of one plane. */
export interface SymbolModel {
  /** Codes `symbol`. */
  encode(encoder: RangeEncoder, symbol: number): void;
  /** Reads a symbol. */
  decode(decoder: RangeDecoder): number;
}

/** Every symbol equally likely. */
export function uniformModel(size: number): SymbolModel {
  return {
    encode: (encoder, symbol) => encoder.uniform(symbol, size),
    decode: (decoder) => decoder.uniform(size),
  };
}

/** A fixed table. */
export class StaticModel implements SymbolModel {
  readonly #starts: Uint32Array;

  /** @param frequencies  K integers from 1, their sum 65536. */
  constructor(frequencies: ArrayLike<number>) {
    this.#starts = new Uint32Array(frequencies.length + 1);
    for (let i = 0; i < frequencies.length; i++) this.#starts[i + 1] = this.#starts[i]! + frequencies[i]!;
  }

  encode(encoder: RangeEncoder, symbol: number): void {
    const start = this.#starts[symbol]!;
    encoder.encode(start, this.#starts[symbol + 1]! - start, staticTotal);
  }

  decode(decoder: RangeDecoder): number {
    const target = decoder.locate(staticTotal);
    let low = 0;
    let high = this.#starts.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= target) low = middle;
      else high = middle;
    }
    const start = this.#starts[low]!;
    decoder.consume(start, this.#starts[low + 1]! - start, staticTotal);
    return low;
  }
}

/** What a symbol's frequency grows by when it is coded. */
const increment = 4;
/** Frequencies are halved before their sum would exceed this. */
const maxSum = 65536;

/** A table that starts with 1 everywhere and counts. */
export class AdaptiveModel implements SymbolModel {
  readonly #size: number;
  readonly #frequencies: Uint32Array;
  /** `#sums[i]` is the sum of the `i & −i` frequencies before i. */
  readonly #sums: Uint32Array;
  readonly #topBit: number;
  #total = 0;

  constructor(size: number) {
    this.#size = size;
    this.#frequencies = new Uint32Array(size).fill(1);
    this.#sums = new Uint32Array(size + 1);
    this.#topBit = 1 << (31 - Math.clz32(size));
    this.#rebuild();
  }

  encode(encoder: RangeEncoder, symbol: number): void {
    let start = 0;
    for (let i = symbol; i > 0; i -= i & -i) start += this.#sums[i]!;
    encoder.encode(start, this.#frequencies[symbol]!, this.#total);
    this.#count(symbol);
  }

  decode(decoder: RangeDecoder): number {
    let rest = decoder.locate(this.#total);
    const target = rest;
    let symbol = 0;
    for (let bit = this.#topBit; bit > 0; bit >>= 1) {
      const next = symbol + bit;
      if (next <= this.#size && this.#sums[next]! <= rest) {
        symbol = next;
        rest -= this.#sums[next]!;
      }
    }
    decoder.consume(target - rest, this.#frequencies[symbol]!, this.#total);
    this.#count(symbol);
    return symbol;
  }

  #count(symbol: number): void {
    this.#frequencies[symbol]! += increment;
    this.#total += increment;
    if (this.#total > maxSum) {
      for (let i = 0; i < this.#size; i++) this.#frequencies[i] = (this.#frequencies[i]! + 1) >> 1;
      this.#rebuild();
    } else {
      for (let i = symbol + 1; i <= this.#size; i += i & -i) this.#sums[i]! += increment;
    }
  }

  #rebuild(): void {
    this.#sums.fill(0);
    this.#total = 0;
    for (let i = 1; i <= this.#size; i++) {
      this.#sums[i]! += this.#frequencies[i - 1]!;
      this.#total += this.#frequencies[i - 1]!;
      const parent = i + (i & -i);
      if (parent <= this.#size) this.#sums[parent]! += this.#sums[i]!;
    }
  }
}
