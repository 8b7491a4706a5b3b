/** Sections 1 and 5 of `docs/bitstream.md` for the second decoder: numbers, checksums, the range decoder. */

/** Bytes in any form. */
export type Bytes = readonly number[] | Uint8Array;

/** CRC of either width; the reflected CRC-32 is computed on mirrored bytes. */
export function crc(data: Bytes, polynomial: number, bits: number): number {
  const mirror = (x: number, n: number): number =>
    Array.from({ length: n }, (_, i) => Math.floor(x / 2 ** i) % 2).reduce((m, bit) => m * 2 + bit, 0);
  let state = 2 ** bits - 1;
  for (const byte of data) {
    for (let i = 7; i >= 0; i--) {
      const input = ((bits === 32 ? mirror(byte, 8) : byte) >> i) & 1;
      const top = Math.floor(state / 2 ** (bits - 1));
      state = (state * 2) % 2 ** bits;
      if (top !== input) state = (state ^ polynomial) >>> 0;
    }
  }
  return bits === 32 ? 2 ** 32 - 1 - mirror(state, 32) : state;
}

/** The checksum of section 1. */
export function check(data: Bytes): number[] {
  if (data.length <= 4089) return [crc(data, 0x1021, 16) & 255, crc(data, 0x1021, 16) >> 8];
  const value = crc(data, 0x04c11db7, 32);
  return [0, 1, 2, 3].map((i) => Math.floor(value / 256 ** i) % 256);
}

/** Reads numbers in order; zeros behind the end. */
export class Cursor {
  at: number;
  constructor(
    readonly bytes: Bytes,
    at = 0,
  ) {
    this.at = at;
  }
  u8 = (): number => this.bytes[this.at++] ?? 0;
  i8 = (): number => ((this.u8() + 128) % 256) - 128;
  u16 = (): number => this.u8() + 256 * this.u8();
  i16 = (): number => ((this.u16() + 32768) % 65536) - 32768;
  list = (count: number, read: () => number): number[] => Array.from({ length: count }, read);
  varint = (): number => {
    const byte = this.u8();
    return byte < 128 ? byte : byte - 128 + 128 * this.varint();
  };
}

/** The range decoder of section 5. */
export class Range {
  range = 2 ** 32;
  code = 0;
  at = 0;
  constructor(readonly data: Bytes) {
    for (let i = 0; i < 4; i++) this.code = this.code * 256 + (this.data[this.at++] ?? 0);
  }
  part = (total: number): number => Math.min(total - 1, Math.floor(this.code / Math.floor(this.range / total)));
  consume(a: number, s: number, total: number): void {
    const unit = Math.floor(this.range / total);
    this.code -= unit * a;
    this.range = a + s === total ? this.range - unit * a : unit * s;
    this.refill();
  }
  bit = (p: number): number => {
    const bound = Math.floor(this.range / 65536) * p;
    const bit = this.code < bound ? 1 : 0;
    if (bit === 0) this.code -= bound;
    this.range = bit === 1 ? bound : this.range - bound;
    this.refill();
    return bit;
  };
  uniform(K: number): number {
    const last = Math.floor((K - 1) / 4096);
    if (K > 65536) {
      const h = this.uniform(last + 1);
      return 4096 * h + this.uniform(h === last ? ((K - 1) % 4096) + 1 : 4096);
    }
    const v = this.part(K);
    this.consume(v, 1, K);
    return v;
  }
  refill(): void {
    for (; this.range < 2 ** 24; this.range *= 256) this.code = this.code * 256 + (this.data[this.at++] ?? 0);
  }
}
