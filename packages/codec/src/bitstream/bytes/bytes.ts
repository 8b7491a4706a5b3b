/**
 * The byte writer and the byte reader: fixed-size numbers, variable-length numbers, raw bytes.
 *
 * A varint holds an integer from 0 to 2³²−1 in one to five bytes, seven bits a byte, lowest first, the top bit set on all
 * but the last (LEB128). A number has one spelling only: a last byte of zero after others is refused.
 */
import { BitstreamError } from '../errors.ts';

/** Collects bytes in a buffer that grows. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(16, capacity));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends the low eight bits of `value`. */
  u8(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Appends 16 bits, low byte first. */
  u16(value: number): void {
    this.u8(value);
    this.u8(value >>> 8);
  }

  /** Appends 32 bits, low byte first. */
  u32(value: number): void {
    this.u16(value);
    this.u16(value >>> 16);
  }

  /** Appends an integer from 0 to 2³²−1 in one to five bytes. */
  varint(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.u8((rest & 127) | 128);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Appends a copy of `bytes`. */
  bytes(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Adds one to the number that the bytes so far spell, highest byte first: the carry of the range coder. */
  carry(): void {
    for (let i = this.#length - 1; i >= 0; i--) {
      const next = (this.#bytes[i]! + 1) & 255;
      this.#bytes[i] = next;
      if (next !== 0) return;
    }
  }

  /** Returns a copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(by: number): void {
    const next = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + by));
    next.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = next;
  }
}

/** Reads bytes in order; running past the end is `TRUNCATED`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.end - this.offset;
  }

  /** Reads eight bits. */
  u8(): number {
    if (this.offset >= this.end) throw truncated(this.offset + 1, this.end);
    return this.bytes[this.offset++]!;
  }

  /** Reads 16 bits, low byte first. */
  u16(): number {
    const low = this.u8();
    return low | (this.u8() << 8);
  }

  /** Reads 32 bits, low byte first. */
  u32(): number {
    const low = this.u16();
    return (low | (this.u16() << 16)) >>> 0;
  }

  /** Reads a varint. @throws BitstreamError `HEADER_INVALID` when it is longer than it must be or exceeds 2³²−1; `TRUNCATED`. */
  varint(): number {
    const found = peekVarint(this.bytes, this.offset, this.end);
    if (found) {
      this.offset = found.end;
      return found.value;
    }
    if (isVarintCut(this.bytes, this.offset, this.end)) throw truncated(this.end + 1, this.end);
    throw new BitstreamError({
      code: 'HEADER_INVALID',
      message: `A variable-length number at byte ${this.offset} is malformed`,
      fix: 'The file is damaged or hostile; get another copy',
    });
  }

  /** Reads `length` bytes as a view, without copying. */
  take(length: number): Uint8Array {
    if (length > this.left) throw truncated(this.offset + length, this.end);
    const view = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return view;
  }
}

/** Reads a varint without throwing; `undefined` where none is spelled. */
export function peekVarint(
  bytes: Uint8Array,
  offset: number,
  end = bytes.length,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = offset, shift = 0; at < end && shift < 35; at++, shift += 7) {
    const byte = bytes[at]!;
    if ((shift === 28 && byte > 15) || (byte === 0 && shift > 0)) return undefined;
    value |= (byte & 127) << shift;
    if (byte < 128) return { value: value >>> 0, end: at + 1 };
  }
  return undefined;
}

/** Whether the bytes end before the varint does. */
function isVarintCut(bytes: Uint8Array, offset: number, end: number): boolean {
  return end - offset < 5 && bytes.subarray(offset, end).every((byte) => byte > 127);
}

function truncated(needed: number, end: number): BitstreamError {
  return new BitstreamError({
    code: 'TRUNCATED',
    message: `Expected at least ${needed} bytes, the data end after ${end}`,
    fix: 'The file was cut short; get a complete copy',
  });
}
