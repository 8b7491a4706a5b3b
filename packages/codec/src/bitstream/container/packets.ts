/**
 * Packet frames: `marker, id, length, data, checksum`.
 *
 * The checksum covers the header's checksum too, so a packet of another file is not taken for one of this file. Frames
 * can come in any order and with anything in between: where no intact frame begins, the search goes on at the next byte.
 */
import { ByteReader, ByteWriter } from '../bytes/bytes.ts';
import { checkSize, checksum, isChecksum } from '../bytes/checksum.ts';
import { BitstreamError } from '../errors.ts';

/** First byte of a frame. */
const frameMarker = 0xb7;

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

/**
 * Finds the intact packets. Of several with one id the first counts.
 *
 * @param start  Where the frames begin.
 * @param idCount  Ids are 0 … idCount − 1.
 */
export function findPackets(bytes: Uint8Array, start: number, idCount: number, headerCheck: Uint8Array): FoundPacket[] {
  const found: FoundPacket[] = [];
  const isKnown = new Set<number>();
  // A hostile file could make every byte look like the start of a long frame: checksums cover this many bytes at most.
  let budget = 16 * bytes.length + 4096;
  let offset = start;
  while (offset < bytes.length && budget > 0) {
    const frame = bytes[offset] === frameMarker ? parseFrame(bytes, offset, idCount) : undefined;
    if (frame) budget -= frame.frameLength;
    if (!frame || !isIntact(bytes, frame, headerCheck)) {
      offset++;
      continue;
    }
    if (!isKnown.has(frame.id)) found.push(frame);
    isKnown.add(frame.id);
    offset += frame.frameLength;
  }
  return found;
}

function parseFrame(bytes: Uint8Array, offset: number, idCount: number): FoundPacket | undefined {
  try {
    const reader = new ByteReader(bytes, offset + 1);
    const id = reader.varint();
    if (id >= idCount) return undefined;
    const data = reader.take(reader.varint());
    reader.take(checkSize(reader.offset - offset));
    return { id, offset, frameLength: reader.offset - offset, data };
  } catch (error) {
    if (error instanceof BitstreamError) return undefined;
    throw error;
  }
}

function isIntact(bytes: Uint8Array, { data, offset, frameLength }: FoundPacket, headerCheck: Uint8Array): boolean {
  const bodyEnd = data.byteOffset - bytes.byteOffset + data.length;
  return isChecksum(bytes.subarray(bodyEnd, offset + frameLength), headerCheck, bytes.subarray(offset, bodyEnd));
}
