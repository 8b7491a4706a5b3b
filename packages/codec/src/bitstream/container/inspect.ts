/** What a file says about itself and where its bytes go, without decoding an index or a pixel. */
import { displaySize, type Header, type ReadLimits } from './header.ts';
import { type ContainerMap, mapContainer } from './read-container.ts';

/** The bytes of one packet. */
export interface PacketBytes {
  /** Number of the packet. */
  readonly id: number;
  /** Coded data. */
  readonly payload: number;
  /** Frame and checksum around them. */
  readonly framing: number;
}

/** Where the bytes of a file go. The parts add up to `total`. */
export interface ByteAccount {
  /** The whole file. */
  readonly total: number;
  /** Header with its own checksum. */
  readonly header: number;
  /** Coded indices of all intact packets. */
  readonly payload: number;
  /** Frames and checksums of all intact packets. */
  readonly framing: number;
  /** Alpha packet with its frame. */
  readonly alpha: number;
  /** Intact parity packets with their frames. */
  readonly parity: number;
  /** Bytes that belong to no intact packet. */
  readonly damaged: number;
  /** Intact index packets in the order of the file. */
  readonly packets: readonly PacketBytes[];
}

/** What `inspect` finds out. */
export interface Inspection extends Header {
  /** Size of the picture as it is shown. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Bits per pixel of the whole file. */
  readonly bpp: number;
  /** Whether every packet is there and intact, or can be restored by parity. */
  readonly isComplete: boolean;
  readonly bytes: ByteAccount;
}

/**
 * Counts the bytes of a file by what they are for.
 *
 * @throws BitstreamError as `readContainer` does.
 */
export function accountBytes(bytes: Uint8Array, limits: ReadLimits = {}): ByteAccount {
  return countBytes(mapContainer(bytes, limits), bytes.length);
}

function countBytes({ parsed, headerBytes, packets }: ContainerMap, total: number): ByteAccount {
  const alphaId = parsed.header.packets;
  const indexPackets = packets.flatMap(({ id, data, frameLength }) => {
    return id >= alphaId ? [] : [{ id, payload: data.length, framing: frameLength - data.length }];
  });
  const payload = indexPackets.reduce((sum, packet) => sum + packet.payload, 0);
  const framing = indexPackets.reduce((sum, packet) => sum + packet.framing, 0);
  const alpha = packets.find(({ id }) => id === alphaId)?.frameLength ?? 0;
  const parity = packets.reduce((sum, { id, frameLength }) => sum + (id > alphaId ? frameLength : 0), 0);
  const damaged = total - headerBytes - payload - framing - alpha - parity;
  return { total, header: headerBytes, payload, framing, alpha, parity, damaged, packets: indexPackets };
}

/**
 * Returns the facts of a file.
 *
 * @throws BitstreamError as `readContainer` does.
 */
export function inspect(bytes: Uint8Array, limits: ReadLimits = {}): Inspection {
  const map = mapContainer(bytes, limits);
  const account = countBytes(map, bytes.length);
  const { header } = map.parsed;
  const display = displaySize(header);
  const carriers = header.packets + (header.hasAlpha ? 1 : 0);
  // Packets have different ids, so as many as are needed are enough, whichever they are.
  const isComplete = map.packets.length >= carriers;
  return {
    ...header,
    displayWidth: display.width,
    displayHeight: display.height,
    bpp: (8 * bytes.length) / (header.width * header.height),
    isComplete,
    bytes: account,
  };
}
