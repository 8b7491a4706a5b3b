/**
 * Short packet frames: `length, tag, data`, three bytes around a packet of up to 127 bytes where there are at most 256.
 *
 * The tag holds the packet's number and as many bits of a CRC-32 as there is room for, at least eight; data of more than 127
 * bytes get at least 16, of more than 4095 at least 24. Only long packets have a marker to search for: frames follow each
 * other, and damaged ones are stepped over as long as their lengths lead to an intact one. Else the search goes on byte by byte.
 */
import { ByteWriter, peekVarint } from '../bytes/bytes.ts';
import { continue32 } from '../bytes/checksum.ts';
import type { Header } from './header.ts';
import { type FoundPacket, frameMarker } from './packets.ts';

/** Longest data of a frame that begins with its length; longer ones begin with the marker, so that few places look like one. */
const longestUnmarked = 1023;

/** Longest data with at least 8 bits of checksum, and with at least 16. */
const [longestShort, longestMiddle] = [127, 4095];

/** What the frames of a file have in common. */
export interface ShortFrames {
  /** Bits of a packet's number. */
  readonly idBits: number;
  /** How many packets carry the picture; any so many are enough. */
  readonly carriers: number;
  /** CRC-32 of the header's checksum, not inverted. */
  readonly start: number;
}

/** Returns what the frames of a file have in common. */
export function shortFrames(
  { packets, hasAlpha, parity }: Pick<Header, 'packets' | 'hasAlpha' | 'parity'>,
  headerCheck: Uint8Array,
): ShortFrames {
  const lastId = parity > 0 ? packets + parity : hasAlpha ? packets : packets - 1;
  return {
    idBits: 32 - Math.clz32(lastId),
    carriers: packets + (hasAlpha ? 1 : 0),
    start: continue32(0xffffffff, headerCheck, 0, headerCheck.length),
  };
}

/** Bytes of a tag. */
function tagSize(length: number, idBits: number): number {
  return Math.ceil(idBits / 8) + (length <= longestShort ? 1 : length <= longestMiddle ? 2 : 3);
}

/** The checksum of a packet, 32 bits: its length as it is written, its number, its data. */
function checkOf({ start }: ShortFrames, id: number, bytes: Uint8Array, frame: Places): number {
  const head = continue32(start, bytes, frame.start, frame.tag);
  const numbered = continue32(head, Uint8Array.of(id & 255, id >>> 8), 0, 2);
  return ~continue32(numbered, bytes, frame.bodyStart, frame.end) >>> 0;
}

/** Where the parts of a frame lie. */
interface Places {
  readonly start: number;
  readonly tag: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** The tag of a packet as a number: its own number below, the checksum above; up to 2⁴⁸. */
function tagOf(frames: ShortFrames, id: number, bytes: Uint8Array, places: Places): number {
  const room = 8 * (places.bodyStart - places.tag) - frames.idBits;
  return (checkOf(frames, id, bytes, places) % 2 ** room) * 2 ** frames.idBits + id;
}

/** Returns a frame. */
export function writeShortFrame(id: number, data: Uint8Array, frames: ShortFrames): Uint8Array {
  const out = new ByteWriter(data.length + 16);
  if (data.length > longestUnmarked) out.u8(frameMarker);
  out.varint(data.length);
  const tag = out.length;
  const size = tagSize(data.length, frames.idBits);
  out.bytes(new Uint8Array(size));
  out.bytes(data);
  const bytes = out.finish();
  const value = tagOf(frames, id, bytes, { start: 0, tag, bodyStart: tag + size, end: bytes.length });
  for (let i = 0; i < size; i++) bytes[tag + i] = Math.floor(value / 256 ** i);
  return bytes;
}

/** Where the parts of a frame at `start` lie; `undefined` where none can begin, or the file ends before it does. */
export function placesOf(bytes: Uint8Array, start: number, idBits: number): Places | undefined {
  // A length behind the marker has a first byte above 127; the marker as first byte of a length has not.
  const isMarked = bytes[start] === frameMarker && bytes[start + 1]! > 127;
  const length = peekVarint(bytes, isMarked ? start + 1 : start);
  if (!length || length.value > longestUnmarked !== isMarked) return undefined;
  const bodyStart = length.end + tagSize(length.value, idBits);
  const end = bodyStart + length.value;
  return end > bytes.length ? undefined : { start, tag: length.end, bodyStart, end };
}

/** Checksum bytes that the search spends: so many per byte of the file, and these besides. */
const [searchFactor, searchFree] = [8, 1 << 22];

const endOf = ({ offset, frameLength }: FoundPacket): number => offset + frameLength;

/**
 * Finds the intact packets, in the order of the file. Of several with one number the first counts.
 *
 * Few bits of checksum are enough where a frame must be, and too few for every place of a long search. So a short frame
 * that is found by searching counts in full only when lengths lead from its end to an intact frame or to the end of the
 * file. One that stands alone is noted, hides nothing, and fills in for a packet that is lost otherwise.
 *
 * @param start  Where the frames begin.
 * @param isKnown  Whether a number is one of this file's; no frame has another.
 */
export function findShortFrames(
  bytes: Uint8Array,
  start: number,
  frames: ShortFrames,
  isKnown: (id: number) => boolean,
): FoundPacket[] {
  const taken = new Map<number, FoundPacket>();
  /** They do not overlap each other, nor taken frames. */
  const noted: FoundPacket[] = [];
  let budget = searchFactor * bytes.length + searchFree;
  /** The packet that lies there intact. */
  const packetAt = (places: Places): FoundPacket | undefined => {
    let tag = 0;
    for (let at = places.bodyStart - 1; at >= places.tag; at--) tag = tag * 256 + bytes[at]!;
    const id = tag % 2 ** frames.idBits;
    if (!isKnown(id)) return undefined;
    const { start: offset, bodyStart, end } = places;
    budget -= end - offset;
    if (tagOf(frames, id, bytes, places) !== tag) return undefined;
    return { id, offset, frameLength: end - offset, data: bytes.subarray(bodyStart, end) };
  };
  /** Where lengths lead from there: the first intact frame, or the end of the file. */
  const follow = (from: number): number | undefined => {
    let at = from;
    while (at < bytes.length && budget > 0) {
      budget--;
      const places = placesOf(bytes, at, frames.idBits);
      if (!places || packetAt(places)) return places && at;
      at = places.end;
    }
    return at === bytes.length ? at : undefined;
  };
  let isInSync = true;
  for (let at = start; at < bytes.length && budget > 0; ) {
    const places = placesOf(bytes, at, frames.idBits);
    const packet = places && packetAt(places);
    const last = noted.at(-1);
    if (packet && (isInSync || packet.data.length > longestShort || follow(endOf(packet)) !== undefined)) {
      if (!taken.has(packet.id)) taken.set(packet.id, packet);
      if (last && endOf(last) > at) noted.pop();
      isInSync = true;
      at = endOf(packet);
      continue;
    }
    if (packet && (!last || endOf(last) <= at)) noted.push(packet);
    const next: number | undefined = places && isInSync ? follow(places.end) : undefined;
    isInSync = next !== undefined;
    at = next ?? at + 1;
  }
  const isEnough = taken.size >= frames.carriers;
  for (const packet of isEnough ? [] : noted) if (!taken.has(packet.id)) taken.set(packet.id, packet);
  return [...taken.values()].sort((a, b) => a.offset - b.offset);
}
