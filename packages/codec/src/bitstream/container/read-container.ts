/** Takes a `.vqk` file apart and says which packets are intact. */
import { checkSize, isChecksum } from '../bytes/checksum.ts';
import { BitstreamError } from '../errors.ts';
import type { CodedIndices } from '../index-map.ts';
import type { Header, ReadLimits } from './header.ts';
import { type FoundPacket, findPackets } from './packets.ts';
import { restorePackets } from './parity.ts';
import { type ParsedHeader, readHeader } from './read-header.ts';
import { findShortFrames, shortFrames } from './short-frames.ts';

/** A `.vqk` file taken apart; the data are views of its bytes. */
export interface Container {
  readonly header: Header;
  /** Coded indices, for `decodeIndices`; packets that are lost, and not restored by parity, are `undefined`. */
  readonly indices: CodedIndices;
  /** The coded alpha channel, for `decodeAlpha`. */
  readonly alpha: Uint8Array | undefined;
  /** Whether the file had an alpha channel that is lost. */
  readonly isAlphaLost: boolean;
}

/** Where things lie in a file. */
export interface ContainerMap {
  readonly parsed: ParsedHeader;
  /** Bytes of the header and of its own checksum. */
  readonly headerBytes: number;
  /** Intact packets in the order of the file; the id after the last index packet is alpha, those behind are parity. */
  readonly packets: readonly FoundPacket[];
}

/**
 * Finds header and packets.
 *
 * @throws BitstreamError as `readContainer` does.
 */
export function mapContainer(bytes: Uint8Array, limits: ReadLimits): ContainerMap {
  const parsed = readHeader(bytes, limits);
  const { header, isFramed, length } = parsed;
  if (isFramed) {
    const check = bytes.subarray(length, length + checkSize(length));
    if (check.length < checkSize(length)) throw cut(bytes.length);
    if (!isChecksum(check, bytes.subarray(0, length))) throw altered('The header was');
    const start = length + check.length;
    const { packets: alphaId, hasAlpha, parity } = header;
    const isKnown = (id: number): boolean => id < alphaId || (id === alphaId ? hasAlpha : id <= alphaId + parity);
    const packets = header.blocks
      ? findShortFrames(bytes, start, shortFrames(header, check), isKnown)
      : findPackets(bytes, start, isKnown, check);
    return { parsed, headerBytes: start, packets };
  }
  const end = bytes.length - checkSize(bytes.length - 2);
  if (end < length) throw cut(bytes.length);
  if (!isChecksum(bytes.subarray(end), bytes.subarray(0, end))) throw altered('The file was');
  const packet = { id: 0, offset: length, frameLength: bytes.length - length, data: bytes.subarray(length, end) };
  return { parsed, headerBytes: length, packets: [packet] };
}

/**
 * Reads a file.
 *
 * A file with framed packets yields what is intact; whether it is enough is for `decodeIndices` to say.
 *
 * @throws BitstreamError `NOT_A_VQK`, `UNSUPPORTED_VERSION`, `UNSUPPORTED_FEATURE`, `TRUNCATED`, `CHECKSUM_MISMATCH`,
 *   `HEADER_INVALID`, `LIMIT_EXCEEDED`.
 */
export function readContainer(bytes: Uint8Array, limits: ReadLimits = {}): Container {
  const { parsed, packets } = mapContainer(bytes, limits);
  const { header } = parsed;
  const data = new Map(packets.map((packet) => [packet.id, packet.data]));
  const { gridWidth: width, gridHeight: height, codebookSizes, mode, priorId, step, blocks } = header;
  const parity = Array.from({ length: header.parity }, (_, i) => data.get(header.packets + 1 + i));
  const carriers = header.packets + (header.hasAlpha ? 1 : 0);
  const restored = restorePackets(
    Array.from({ length: carriers }, (_, id) => data.get(id)),
    parity,
  );
  const indexPackets = restored.slice(0, header.packets);
  const alpha = restored[header.packets];
  return {
    header,
    indices: { width, height, codebookSizes, mode, priorId, step, blocks, packets: indexPackets },
    alpha,
    isAlphaLost: header.hasAlpha && alpha === undefined,
  };
}

function cut(length: number): BitstreamError {
  return new BitstreamError({
    code: 'TRUNCATED',
    message: `The file ends after ${length} bytes, before its checksum`,
    fix: 'Get a complete copy',
  });
}

function altered(what: string): BitstreamError {
  return new BitstreamError({
    code: 'CHECKSUM_MISMATCH',
    message: `${what} altered: its checksum does not fit`,
    fix: 'Get another copy; a file with several packets survives more',
  });
}
