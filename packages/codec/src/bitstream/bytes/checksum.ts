/**
 * Checksums: CRC-16 for short data, CRC-32 for long.
 *
 * CRC-16 with the CCITT polynomial finds every change of up to three bits in up to 32 751 bits, which is 4093 bytes
 * (Koopman and Chakravarty 2004, "Cyclic redundancy code polynomial selection for embedded networks"). A file at the rates
 * this codec is made for is shorter than that, so two bytes do; whatever is longer gets four. The length alone decides,
 * with four bytes of room for the header's checksum that packets include.
 */

/** Longest data, in bytes, that are protected by 16 bits. */
export const maxShortCheckBytes = 4089;

/** Bytes that the checksum of `length` bytes takes: 2 or 4. */
export function checkSize(length: number): 2 | 4 {
  return length <= maxShortCheckBytes ? 2 : 4;
}

/** CRC-16 of what came before, continued over `bytes[start, end)`. */
function continue16(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let state = crc;
  for (let i = start; i < end; i++) {
    // Four shifts of the polynomial's feedback for eight bits at once; no table to carry around.
    const x = ((state >>> 8) ^ bytes[i]!) & 255;
    const y = x ^ (x >>> 4);
    state = ((state << 8) ^ (y << 12) ^ (y << 5) ^ y) & 0xffff;
  }
  return state;
}

/** CRC-32 of what came before, without the final inversion (0xffffffff at first), continued over `bytes[start, end)`. */
export function continue32(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let state = crc;
  for (let i = start; i < end; i++) {
    state ^= bytes[i]!;
    // Four bits at a time with a table of sixteen entries that fits in the source.
    state = (state >>> 4) ^ nibbles[state & 15]!;
    state = (state >>> 4) ^ nibbles[state & 15]!;
  }
  return state;
}

/**
 * CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF, bits from the highest, no final inversion.
 *
 * @returns 16 bits; "123456789" in ASCII gives 0x29B1.
 */
export function crc16(...parts: readonly Uint8Array[]): number {
  return parts.reduce((crc, part) => continue16(crc, part, 0, part.length), 0xffff);
}

/**
 * CRC-32/ISO-HDLC, the one of zip and PNG: polynomial 0x04C11DB7 reflected, start and final inversion 0xFFFFFFFF.
 *
 * @returns 32 bits; "123456789" in ASCII gives 0xCBF43926.
 */
export function crc32(...parts: readonly Uint8Array[]): number {
  return ~parts.reduce((crc, part) => continue32(crc, part, 0, part.length), 0xffffffff) >>> 0;
}

const nibbles: readonly number[] = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
];

/**
 * Returns a checksum as bytes, low byte first.
 *
 * @param size  2 for CRC-16, 4 for CRC-32.
 * @param parts  The protected bytes, in order.
 */
export function checksum(size: 2 | 4, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = size === 2 ? crc16(...parts) : crc32(...parts);
  return Uint8Array.from({ length: size }, (_, i) => value >>> (8 * i));
}

/** Whether `check`, of 2 or 4 bytes, is the checksum of `parts`. */
export function isChecksum(check: Uint8Array, ...parts: readonly Uint8Array[]): boolean {
  const expected = checksum(check.length === 2 ? 2 : 4, ...parts);
  return expected.length === check.length && expected.every((byte, i) => byte === check[i]);
}

/**
 * Returns a function that says whether `bytes[bodyEnd, end)` is the checksum of `head` and `bytes[start, bodyEnd)`. It
 * allocates nothing: the search for frames asks at every byte that looks like one.
 */
export function checker(bytes: Uint8Array, head: Uint8Array): (start: number, bodyEnd: number, end: number) => boolean {
  const head16 = continue16(0xffff, head, 0, head.length);
  const head32 = continue32(0xffffffff, head, 0, head.length);
  return (start, bodyEnd, end) => {
    const isShort = end - bodyEnd === 2;
    let value = isShort ? continue16(head16, bytes, start, bodyEnd) : ~continue32(head32, bytes, start, bodyEnd);
    for (let i = bodyEnd; i < end; i++, value >>>= 8) if (bytes[i] !== (value & 255)) return false;
    return true;
  };
}
