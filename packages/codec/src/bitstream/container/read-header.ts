/** Reads the header of a `.vqk` file and checks every number in it before anybody relies on it. */
import type { ByteReader } from '../bytes/bytes.ts';
import { ByteReader as Reader } from '../bytes/bytes.ts';
import { decodeUtf8 } from '../bytes/utf8.ts';
import { BitstreamError, limitOf } from '../errors.ts';
import { type EntropyMode, entropyModes, maxCodebookSize, maxPlanes } from '../index-map.ts';
import {
  defaultLimits,
  explicitGrid,
  flagBits,
  formatVersion,
  type Header,
  knownFlags,
  magic,
  maxNameBytes,
  maxSide,
  type ReadLimits,
  sectionTypes,
  type TileLayout,
} from './header.ts';
import { maxShards } from './parity.ts';

/** A header and how it lies in the file. */
export interface ParsedHeader {
  readonly header: Header;
  /** Whether packets have frames of their own. */
  readonly isFramed: boolean;
  /** Bytes of the header, without a checksum. */
  readonly length: number;
}

function invalid(message: string): BitstreamError {
  return new BitstreamError({
    code: 'HEADER_INVALID',
    message,
    fix: 'The file is damaged or hostile; get another copy',
  });
}

function exceeds(what: string, value: number, option: string, limit: number): BitstreamError {
  return new BitstreamError({
    code: 'LIMIT_EXCEEDED',
    message: `The file has ${value} ${what}, at most ${limit} are allowed`,
    fix: `Raise ${option} if the file can be trusted`,
  });
}

function range(what: string, value: number, min: number, max: number): number {
  if (value < min || value > max) throw invalid(`${what} is ${value}, expected ${min} to ${max}`);
  return value;
}

/** Reads magic and version. @throws BitstreamError `NOT_A_VQK`, `UNSUPPORTED_VERSION`, `TRUNCATED`. */
function readSignature(reader: ByteReader): number {
  const start = reader.bytes.subarray(reader.offset, Math.min(reader.end, reader.offset + magic.length));
  if (start.length === 0 || start.some((byte, i) => byte !== magic[i])) {
    throw new BitstreamError({
      code: 'NOT_A_VQK',
      message: 'The data do not begin with "vqk"',
      fix: 'Pass the bytes of a .vqk file',
    });
  }
  reader.take(magic.length);
  const version = reader.u8();
  if (version === formatVersion) return version;
  throw new BitstreamError({
    code: 'UNSUPPORTED_VERSION',
    message: `The file has format version ${version}, this program reads version ${formatVersion}`,
    fix: 'Update vqkit',
  });
}

/**
 * Reads a header.
 *
 * @throws BitstreamError `NOT_A_VQK`, `UNSUPPORTED_VERSION`, `UNSUPPORTED_FEATURE`, `TRUNCATED`, `HEADER_INVALID`,
 *   `LIMIT_EXCEEDED`.
 */
export function readHeader(bytes: Uint8Array, limits: ReadLimits = {}): ParsedHeader {
  const maxPixels = limitOf('maxPixels', limits.maxPixels, defaultLimits.maxPixels);
  const maxPackets = limitOf('maxPackets', limits.maxPackets, defaultLimits.maxPackets);
  const reader = new Reader(bytes);
  const version = readSignature(reader);
  const flags = reader.varint();
  if ((flags & ~knownFlags) !== 0) {
    throw new BitstreamError({
      code: 'UNSUPPORTED_FEATURE',
      message: `The file has flags 0x${flags.toString(16)}, of which some are unknown here`,
      fix: 'Update vqkit',
    });
  }
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const isFramed = has(flagBits.framed);
  if (has(flagBits.alpha) && !isFramed) throw invalid('Alpha needs framed packets');
  if (has(flagBits.blocks) && !isFramed) throw invalid('Blocks need framed packets');
  const modelId = reader.take(has(flagBits.longModelId) ? 8 : 4).slice();
  const width = range('The width', reader.varint(), 1, maxSide);
  const height = range('The height', reader.varint(), 1, maxSide);
  if (width * height > maxPixels) throw exceeds('pixels', width * height, 'maxPixels', maxPixels);
  const { mode, gridWidth, gridHeight } = readLayout(reader, width, height);
  const planes = has(flagBits.planes) ? range('The number of planes', reader.varint(), 2, maxPlanes) : 1;
  const codebookSizes = Array.from({ length: planes }, () =>
    range('A codebook size', reader.varint(), 1, maxCodebookSize[mode]),
  );
  const priorId = has(flagBits.prior) ? reader.u16() : undefined;
  if (mode === 'static' && priorId === undefined) throw invalid('Static tables need a prior');
  if ((mode === 'uniform' || mode === 'adaptive') && priorId !== undefined) throw invalid(`Mode ${mode} has no prior`);
  const packets = isFramed ? range('The number of packets', reader.varint(), 1, 0xffff) : 1;
  if (packets > maxPackets) throw exceeds('packets', packets, 'maxPackets', maxPackets);
  const step = isFramed ? range('The lattice step', reader.varint(), 0, packets - 1) : 0;
  const blocks = has(flagBits.blocks)
    ? packets > 1
      ? {
          columns: range('The columns of blocks', reader.varint(), 1, gridWidth),
          rows: range('The rows of blocks', reader.varint(), 1, gridHeight),
        }
      : oneBlock
    : undefined;
  const sections = has(flagBits.sections) ? readSections(reader) : noSections;
  if (sections.parity > 0 && !isFramed) throw invalid('Parity needs framed packets');
  const facts = { version, width, height, isGrey: has(flagBits.grey), hasAlpha: has(flagBits.alpha), modelId };
  const header = { ...facts, gridWidth, gridHeight, codebookSizes, mode, priorId, packets, step, blocks, ...sections };
  return { header, isFramed, length: reader.offset };
}

/** The blocks of a file with one packet of indices. */
const oneBlock = { columns: 1, rows: 1 };

function readLayout(reader: ByteReader, width: number, height: number) {
  const byte = reader.u8();
  const mode: EntropyMode | undefined = entropyModes[byte & 7];
  if (mode === undefined || byte > 127) {
    throw new BitstreamError({
      code: 'UNSUPPORTED_FEATURE',
      message: `The file uses layout ${byte}, which is unknown here`,
      fix: 'Update vqkit',
    });
  }
  const code = byte >> 3;
  if (code !== explicitGrid) {
    return { mode, gridWidth: Math.ceil(width / (1 << code)), gridHeight: Math.ceil(height / (1 << code)) };
  }
  const gridWidth = range('The grid width', reader.varint(), 1, maxSide);
  return { mode, gridWidth, gridHeight: range('The grid height', reader.varint(), 1, maxSide) };
}

/** What sections can say. */
type Sections = Pick<Header, 'orientation' | 'modelName' | 'tiles' | 'metadata' | 'parity' | 'colourRange'>;

const noSections: Sections = {
  orientation: 1,
  modelName: undefined,
  tiles: undefined,
  metadata: undefined,
  parity: 0,
  colourRange: undefined,
};

function readSections(reader: ByteReader): Sections {
  const found = { ...noSections } as { -readonly [Key in keyof Sections]: Sections[Key] };
  let last = 0;
  for (let type = reader.varint(); type !== 0; type = reader.varint()) {
    if (type <= last) throw invalid(`Section ${type} comes after section ${last}`);
    last = type;
    const content = reader.take(reader.varint());
    if (type === sectionTypes.orientation) {
      found.orientation = range('The orientation', content.length === 1 ? content[0]! : 0, 2, 8);
    } else if (type === sectionTypes.modelName) {
      range('The length of the model name', content.length, 0, maxNameBytes);
      found.modelName = decodeUtf8(content);
    } else if (type === sectionTypes.tiles) {
      found.tiles = readTiles(new Reader(content));
    } else if (type === sectionTypes.metadata) {
      found.metadata = content.slice();
    } else if (type === sectionTypes.parity) {
      found.parity = readParity(new Reader(content));
    } else if (type === sectionTypes.colourRange) {
      found.colourRange = readColourRange(content);
    } else if (type % 2 === 1) {
      throw new BitstreamError({
        code: 'UNSUPPORTED_FEATURE',
        message: `The file has a section of type ${type}, which must not be ignored and is unknown here`,
        fix: 'Update vqkit',
      });
    }
  }
  return found;
}

function readParity(reader: ByteReader): number {
  const parity = range('The number of parity packets', reader.varint(), 1, maxShards - 1);
  if (reader.left > 0) throw invalid('The parity section is too long');
  return parity;
}

function readColourRange(content: Uint8Array): number[] {
  const pairs = content.length / 2;
  const isRange = (pairs === 1 || pairs === 3) && content.every((value, i) => i % 2 === 0 || value >= content[i - 1]!);
  if (!isRange) throw invalid('The range of colours is none');
  return [...content];
}

function readTiles(reader: ByteReader): TileLayout {
  const tiles = {
    width: range('The tile width', reader.varint(), 1, maxSide),
    height: range('The tile height', reader.varint(), 1, maxSide),
    overlap: range('The tile overlap', reader.varint(), 0, maxSide),
  };
  if (reader.left > 0) throw invalid('The tile section is too long');
  return tiles;
}
