/**
 * Packet frames: `marker, id, length, data, checksum`.
 *
 * The checksum covers the header's checksum too, so a packet of another file is not taken for one of this file. Frames
 * can come in any order and with anything in between: where no intact frame begins, the search goes on at the next byte.
 */
import { ByteWriter, peekVarint } from '../bytes/bytes.ts';
import { checker, checkSize, checksum } from '../bytes/checksum.ts';

/** First byte of a frame. */
export const frameMarker = 0xb7;

/** An intact packet in a file. */
export interface FoundPacket {
  readonly id: number;
  /** Where the frame begins. */
  readonly offset: number;
  /** Bytes of the frame, data included. */
  readonly frameLength: number;
  readonly data: Uint8Array;
}

/**
 * Returns a frame.
 *
 * @param headerCheck  The checksum of the header.
 */
export function framePacket(id: number, data: Uint8Array, headerCheck: Uint8Array): Uint8Array {
  const out = new ByteWriter(data.length + 16);
  out.u8(frameMarker);
  out.varint(id);
  out.varint(data.length);
  out.bytes(data);
  const body = out.finish();
  out.bytes(checksum(checkSize(body.length), headerCheck, body));
  return out.finish();
}

/** Checksum bytes that the search spends per byte of the file, so that a flood of markers costs no more than this. */
const searchFactor = 8;

/**
 * Finds the intact packets. Of several with one id the first counts; an intact frame with another id than those asked for
 * is passed over as a whole.
 *
 * @param start  Where the frames begin.
 * @param isKnown  Whether an id is one of this file's.
 */
export function findPackets(
  bytes: Uint8Array,
  start: number,
  isKnown: (id: number) => boolean,
  headerCheck: Uint8Array,
): FoundPacket[] {
  const found = new Map<number, FoundPacket>();
  // A hostile file could make every byte look like the start of a long frame: checksums cover this many bytes at most.
  let budget = searchFactor * bytes.length + 4096;
  const isChecked = checker(bytes, headerCheck);
  for (let offset = bytes.indexOf(frameMarker, start); offset >= 0 && budget > 0; ) {
    const frame = parseFrame(bytes, offset);
    budget -= frame ? frame.end - offset : 0;
    const isIntact = frame !== undefined && isChecked(offset, frame.bodyEnd, frame.end);
    if (isIntact && isKnown(frame.id) && !found.has(frame.id)) {
      const data = bytes.subarray(frame.bodyStart, frame.bodyEnd);
      found.set(frame.id, { id: frame.id, offset, frameLength: frame.end - offset, data });
    }
    offset = bytes.indexOf(frameMarker, isIntact ? frame.end : offset + 1);
  }
  return [...found.values()];
}

/** Where the parts of a frame lie; `undefined` where its numbers are malformed or the file ends before it does. */
function parseFrame(bytes: Uint8Array, offset: number) {
  // Exceptions of a reader would be too slow for a file full of markers.
  const id = peekVarint(bytes, offset + 1);
  const length = id && peekVarint(bytes, id.end);
  if (!length) return undefined;
  const bodyEnd = length.end + length.value;
  const end = bodyEnd + checkSize(bodyEnd - offset);
  return end > bytes.length ? undefined : { id: id.value, bodyStart: length.end, bodyEnd, end };
}
