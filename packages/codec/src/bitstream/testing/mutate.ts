/** Altered files for fuzzing: small accidents, with or without checksums that fit them. */
import { peekVarint } from '../bytes/bytes.ts';
import { checkSize, checksum } from '../bytes/checksum.ts';
import { frameMarker } from '../container/packets.ts';
import { readHeader } from '../container/read-header.ts';
import { placesOf, shortFrames, writeShortFrame } from '../container/short-frames.ts';
import { BitstreamError } from '../errors.ts';
import type { Random } from '../training/random.ts';

/**
 * Returns bytes with one to four changes of one kind.
 *
 * @param kind  0 cut, 1 bits flipped, 2 bytes replaced, 3 bytes removed, 4 bytes put in, 5 pieces of another file.
 * @param others  Where pieces come from.
 */
export function mutate(bytes: Uint8Array, random: Random, kind: number, others: readonly Uint8Array[]): Uint8Array {
  const copy = [...bytes];
  const place = (): number => random.below(random.below(2) === 0 ? Math.min(24, copy.length) : copy.length);
  for (let i = random.below(4); i >= 0; i--) {
    if (kind === 0) copy.length = place();
    else if (kind === 1) copy[place()]! ^= 1 << random.below(8);
    else if (kind === 2) copy[place()] = random.below(256);
    else if (kind === 3) copy.splice(place(), random.below(8));
    else if (kind === 4)
      copy.splice(place(), 0, ...Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
    else {
      const other = others[random.below(others.length)]!;
      const from = random.below(other.length);
      copy.splice(place(), random.below(100), ...other.subarray(from, from + random.below(100)));
    }
    if (copy.length === 0) break;
  }
  return Uint8Array.from(copy);
}

/** Makes the checksums of a file right again, so that the decoders behind them are reached: of the file, or of header and frames. */
export function repaired(bytes: Uint8Array): Uint8Array {
  const framed = repairedFrames(bytes);
  if (framed) return framed;
  const size = checkSize(Math.max(0, bytes.length - 2));
  const body = bytes.subarray(0, Math.max(0, bytes.length - size));
  return Uint8Array.from([...body, ...checksum(size, body)]);
}

function repairedFrames(bytes: Uint8Array): Uint8Array | undefined {
  const limits = { maxPixels: Number.POSITIVE_INFINITY, maxPackets: Number.POSITIVE_INFINITY };
  let parsed: ReturnType<typeof readHeader>;
  try {
    parsed = readHeader(bytes, limits);
    if (!parsed.isFramed) return undefined;
  } catch (error) {
    if (error instanceof BitstreamError) return undefined;
    throw error;
  }
  const { length, header } = parsed;
  const copy = bytes.slice();
  const check = checksum(checkSize(length), bytes.subarray(0, length));
  if (length + check.length > copy.length) return undefined;
  copy.set(check, length);
  const short = shortFrames(header, check);
  for (let at = length + check.length; header.blocks && at < copy.length; ) {
    const places = placesOf(copy, at, short.idBits);
    if (places) {
      const id = copy[places.tag]! % Math.min(256, 2 ** short.idBits);
      copy.set(writeShortFrame(id, copy.slice(places.bodyStart, places.end), short), at);
    }
    at = places?.end ?? at + 1;
  }
  if (header.blocks) return copy;
  for (let at = length + check.length; at < copy.length; ) {
    const id = copy[at] === frameMarker ? peekVarint(copy, at + 1) : undefined;
    const data = id && peekVarint(copy, id.end);
    const end = data ? data.end + data.value : Number.POSITIVE_INFINITY;
    const size = checkSize(end - at);
    if (end + size > copy.length) {
      at++;
      continue;
    }
    copy.set(checksum(size, check, copy.subarray(at, end)), end);
    at = end + size;
  }
  return copy;
}
