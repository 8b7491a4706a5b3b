/** Puts header, packets and checksums together. */
import { ByteWriter } from '../bytes/bytes.ts';
import { checkSize, checksum } from '../bytes/checksum.ts';
import { BitstreamError } from '../errors.ts';
import type { CodedIndices } from '../index-map.ts';
import type { ReadLimits, TileLayout } from './header.ts';
import { framePacket } from './packets.ts';
import { parityOf } from './parity.ts';
import { mapContainer } from './read-container.ts';
import { shortFrames, writeShortFrame } from './short-frames.ts';
import { writeHeader } from './write-header.ts';

/** What goes into a `.vqk` file. */
export interface ContainerContent {
  /** Width of the coded picture in pixels. */
  readonly width: number;
  /** Height of the coded picture in pixels. */
  readonly height: number;
  /** Four or eight bytes that identify the model. */
  readonly modelId: Uint8Array;
  /** Coded indices, from `encodeIndices`. Lost packets are left out. */
  readonly indices: CodedIndices;
  /** The alpha channel, from `encodeAlpha`. */
  readonly alpha?: Uint8Array | undefined;
  /** Whether the picture has no colour; default false. */
  readonly isGrey?: boolean;
  /** How to turn the decoded picture for showing, as in EXIF, 1 to 8; default 1. */
  readonly orientation?: number;
  /** Name of the model for people, at most 255 bytes. */
  readonly modelName?: string | undefined;
  /** How the picture was cut for coding; default one tile. */
  readonly tiles?: TileLayout | undefined;
  /** Bytes for the application. */
  readonly metadata?: Uint8Array | undefined;
  /** Parity packets, each as long as the longest other: any so many losses can be restored exactly. Default 0. */
  readonly parity?: number | undefined;
  /** Darkest and brightest sample, of all channels together or of R, G and B: what is shown is kept within. */
  readonly colourRange?: readonly number[] | undefined;
}

/** The parts of a file with framed packets, for sending them separately. */
export interface ContainerParts {
  /** Header and its checksum: goes first and must arrive. */
  readonly header: Uint8Array;
  /** Framed packets; any of them, in any order, may follow the header. */
  readonly packets: readonly Uint8Array[];
}

/**
 * Returns a file in pieces. Their concatenation is a file, and so is the header with a part of the packets.
 *
 * One packet without alpha needs no frame: then the header is the whole file and there are no packets.
 *
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when a field does not fit its place.
 */
export function splitContainer(content: ContainerContent): ContainerParts {
  const {
    indices,
    alpha,
    isGrey = false,
    orientation = 1,
    modelName,
    tiles,
    metadata,
    parity = 0,
    colourRange,
  } = content;
  const { codebookSizes, mode, priorId, step, packets: data } = indices;
  const blocks = indices.blocks ?? (data.length === 1 ? { columns: 1, rows: 1 } : undefined);
  const facts = {
    width: content.width,
    height: content.height,
    modelId: content.modelId,
    isGrey,
    orientation,
    modelName,
  };
  const grid = { gridWidth: indices.width, gridHeight: indices.height, codebookSizes, mode, priorId, step, blocks };
  const rest = { hasAlpha: alpha !== undefined, packets: data.length, tiles, metadata, parity, colourRange };
  const header = writeHeader({ ...facts, ...grid, ...rest });
  if (data.length === 1 && !alpha && parity === 0) {
    return { header: withChecksum(header, data[0] ?? new Uint8Array(0)), packets: [] };
  }
  const check = checksum(checkSize(header.length), header);
  const short = shortFrames(rest, check);
  const frame = (id: number, bytes: Uint8Array): Uint8Array =>
    blocks ? writeShortFrame(id, bytes, short) : framePacket(id, bytes, check);
  const packets = data.flatMap((bytes, id) => (bytes ? [frame(id, bytes)] : []));
  if (alpha) packets.push(frame(data.length, alpha));
  if (parity > 0) {
    const carriers = [...data, ...(alpha ? [alpha] : [])].map((bytes, id) => bytes ?? missing(id));
    packets.push(...parityOf(carriers, parity).map((bytes, i) => frame(data.length + 1 + i, bytes)));
  }
  return { header: concatenate([header, check]), packets };
}

/**
 * Takes a whole file apart for sending: the header goes first and must arrive, each packet decodes alone.
 *
 * @returns `packets` is empty for a file without frames, which is its own only packet: then `header` is the file.
 * @throws BitstreamError as `readContainer` does.
 */
export function splitFile(bytes: Uint8Array, limits: ReadLimits = {}): ContainerParts {
  const { parsed, headerBytes, packets } = mapContainer(bytes, limits);
  if (!parsed.isFramed) return { header: bytes, packets: [] };
  const frames = packets.map(({ offset, frameLength }) => bytes.subarray(offset, offset + frameLength));
  return { header: bytes.subarray(0, headerBytes), packets: frames };
}

/**
 * Returns the bytes of a `.vqk` file.
 *
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when a field does not fit its place.
 */
export function writeContainer(content: ContainerContent): Uint8Array<ArrayBuffer> {
  const { header, packets } = splitContainer(content);
  return concatenate([header, ...packets]);
}

function missing(id: number): never {
  throw new BitstreamError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `Parity: expected all packets, packet ${id} is missing`,
    fix: 'Make parity packets when all others are there',
  });
}

function withChecksum(header: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = concatenate([header, payload]);
  return concatenate([body, checksum(checkSize(body.length), body)]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) out.bytes(part);
  return out.finish();
}
