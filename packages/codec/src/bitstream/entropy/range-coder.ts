/**
 * The range coder: turns decisions with integer probabilities into bytes and back.
 *
 * It follows Martin 1979, "Range encoding: an algorithm for removing redundancy from a digitised message": an interval
 * `[low, low + range)` of 32-bit integers shrinks with every decision and its settled top bytes are written. A carry runs
 * back through the bytes already written, so the range never drops under 2²⁴ and no precision is lost to carry tricks.
 * The end costs one byte at most: the only thing left to say is the top byte of a number inside the last interval, the
 * decoder takes everything behind the data as zero. The range starts at 2³², so codes of whole bits cost whole bits; every
 * other number fits 32 bits without a sign.
 */
import { ByteWriter } from '../bytes/bytes.ts';
import { BitstreamError } from '../errors.ts';

/** Largest `total` of a decision. */
const maxTotal = 65536;

const bottom = 0x1000000;
const fullRange = 0x100000000;

/** One end of a coder of binary decisions. Models are written once against this and serve both directions. */
export interface BitCoder {
  /**
   * Codes one decision.
   *
   * @param p  Probability of a 1, in 1/65536, from 1 to 65535.
   * @param bit  0 or 1 for an encoder; a decoder does not look at it.
   * @returns The bit.
   */
  bit(p: number, bit: number): number;
}

/** Writes decisions. */
export class RangeEncoder implements BitCoder {
  #low = 0;
  #range = fullRange;
  readonly #out = new ByteWriter(2048);

  /** Codes the part `[start, start + size)` of `total` equal parts; `total` is at most 65536. */
  encode(start: number, size: number, total: number): void {
    const unit = Math.floor(this.#range / total);
    const offset = Math.imul(unit, start) >>> 0;
    this.#add(offset);
    // The last part also gets what the division left over.
    this.#range = start + size === total ? this.#range - offset : Math.imul(unit, size) >>> 0;
    this.#shift();
  }

  /** Codes one of `count` equally likely values; `count` is at most 2²⁴. */
  uniform(value: number, count: number): void {
    if (count <= maxTotal) {
      this.encode(value, 1, count);
      return;
    }
    const high = value >>> 12;
    const highCount = ((count - 1) >>> 12) + 1;
    this.encode(high, 1, highCount);
    const lowCount = high === highCount - 1 ? ((count - 1) & 4095) + 1 : 4096;
    this.encode(value & 4095, 1, lowCount);
  }

  bit(p: number, bit: number): number {
    const bound = Math.imul(Math.floor(this.#range / 65536), p) >>> 0;
    if (bit === 1) {
      this.#range = bound;
    } else {
      this.#add(bound);
      this.#range = (this.#range - bound) >>> 0;
    }
    this.#shift();
    return bit;
  }

  /** Ends the stream and returns its bytes. The encoder is spent. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#low !== 0) {
      // A multiple of 2²⁴ lies in the interval, because the range is at least that.
      const top = Math.floor((this.#low + bottom - 1) / bottom);
      if (top === 256) this.#out.carry();
      else this.#out.u8(top);
    }
    return this.#out.finish();
  }

  #add(offset: number): void {
    const sum = this.#low + offset;
    if (sum > 0xffffffff) this.#out.carry();
    this.#low = sum >>> 0;
  }

  #shift(): void {
    while (this.#range < bottom) {
      this.#out.u8(this.#low >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#range = (this.#range << 8) >>> 0;
    }
  }
}

/** Reads decisions back. */
export class RangeDecoder implements BitCoder {
  readonly #bytes: Uint8Array;
  #next = 0;
  #code = 0;
  #range = fullRange;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
  }

  /** Returns which of `total` equal parts the code is in; `consume` must follow with the part that was found. */
  locate(total: number): number {
    return Math.min(total - 1, Math.floor(this.#code / Math.floor(this.#range / total)));
  }

  /** Removes the part `[start, start + size)` of `total`, as the encoder coded it. */
  consume(start: number, size: number, total: number): void {
    const unit = Math.floor(this.#range / total);
    const offset = Math.imul(unit, start) >>> 0;
    this.#code = (this.#code - offset) >>> 0;
    this.#range = start + size === total ? this.#range - offset : Math.imul(unit, size) >>> 0;
    this.#shift();
  }

  /** Reads one of `count` equally likely values. */
  uniform(count: number): number {
    if (count <= maxTotal) return this.#part(count);
    const highCount = ((count - 1) >>> 12) + 1;
    const high = this.#part(highCount);
    const lowCount = high === highCount - 1 ? ((count - 1) & 4095) + 1 : 4096;
    return high * 4096 + this.#part(lowCount);
  }

  bit(p: number, _bit = 0): number {
    const bound = Math.imul(Math.floor(this.#range / 65536), p) >>> 0;
    let bit = 1;
    if (this.#code < bound) {
      this.#range = bound;
    } else {
      this.#code = (this.#code - bound) >>> 0;
      this.#range = (this.#range - bound) >>> 0;
      bit = 0;
    }
    this.#shift();
    return bit;
  }

  #part(total: number): number {
    const value = this.locate(total);
    this.consume(value, 1, total);
    return value;
  }

  #shift(): void {
    while (this.#range < bottom) {
      this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
      this.#range = (this.#range << 8) >>> 0;
    }
  }

  #byte(): number {
    const at = this.#next++;
    if (at < this.#bytes.length) return this.#bytes[at]!;
    // The encoder leaves out at most the four bytes behind its last one.
    if (at < this.#bytes.length + 4) return 0;
    throw new BitstreamError({
      code: 'PAYLOAD_INVALID',
      message: `Coded data of ${this.#bytes.length} bytes ended before the last value`,
      fix: 'The file is damaged, or it was coded with another prior; get the matching copy',
    });
  }
}
