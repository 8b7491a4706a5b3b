/** Writes the header of a `.vqk` file. */
import { ByteWriter } from '../bytes/bytes.ts';
import { encodeUtf8 } from '../bytes/utf8.ts';
import { BitstreamError, checkInteger } from '../errors.ts';
import { checkShape, entropyModes } from '../index-map.ts';
import {
  explicitGrid,
  flagBits,
  formatVersion,
  type Header,
  magic,
  maxNameBytes,
  maxSide,
  sectionTypes,
  strideCode,
} from './header.ts';
import { maxShards } from './parity.ts';

/**
 * Returns the bytes of a header.
 *
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when a field does not fit its place.
 */
export function writeHeader(header: Omit<Header, 'version'>): Uint8Array {
  checkHeader(header);
  const { codebookSizes, modelId, packets, priorId } = header;
  const sections = writeSections(header);
  const isFramed = packets > 1 || header.hasAlpha || header.parity > 0;
  const flags =
    (isFramed ? flagBits.framed : 0) |
    (header.isGrey ? flagBits.grey : 0) |
    (modelId.length === 8 ? flagBits.longModelId : 0) |
    (priorId !== undefined ? flagBits.prior : 0) |
    (codebookSizes.length > 1 ? flagBits.planes : 0) |
    (sections.length > 0 ? flagBits.sections : 0) |
    (header.hasAlpha ? flagBits.alpha : 0) |
    (isFramed && header.blocks ? flagBits.blocks : 0);
  const stride = strideCode(header);
  const out = new ByteWriter();
  for (const byte of magic) out.u8(byte);
  out.u8(formatVersion);
  out.varint(flags);
  out.bytes(modelId);
  out.varint(header.width);
  out.varint(header.height);
  out.u8(entropyModes.indexOf(header.mode) | (stride << 3));
  if (stride === explicitGrid) {
    out.varint(header.gridWidth);
    out.varint(header.gridHeight);
  }
  if (codebookSizes.length > 1) out.varint(codebookSizes.length);
  for (const size of codebookSizes) out.varint(size);
  if (priorId !== undefined) out.u16(priorId);
  if (isFramed) {
    out.varint(packets);
    out.varint(header.step);
    if (header.blocks && packets > 1) {
      out.varint(header.blocks.columns);
      out.varint(header.blocks.rows);
    }
  }
  if (sections.length > 0) {
    out.bytes(sections);
    out.u8(0);
  }
  return out.finish();
}

function checkHeader(header: Omit<Header, 'version'>): void {
  const { modelId, orientation, priorId, packets, step, blocks, parity, tiles } = header;
  checkInteger('Image width', header.width, 1, maxSide);
  checkInteger('Image height', header.height, 1, maxSide);
  checkInteger('Orientation', orientation, 1, 8);
  if (modelId.length !== 4 && modelId.length !== 8) {
    throw new BitstreamError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `A model id has four or eight bytes, this one has ${modelId.length}`,
      fix: 'Pass the first four or eight bytes of a hash of the model',
    });
  }
  checkShape({ width: header.gridWidth, height: header.gridHeight, codebookSizes: header.codebookSizes });
  if (priorId !== undefined) checkInteger('Prior id', priorId, 0, 0xffff);
  checkInteger('Number of packets', packets, 1, 0xffff);
  checkInteger('Lattice step', step, 0, packets - 1);
  if (blocks) {
    checkInteger('Columns of blocks', blocks.columns, 1, header.gridWidth);
    checkInteger('Rows of blocks', blocks.rows, 1, header.gridHeight);
  }
  checkInteger('Parity packets', parity, 0, maxShards - 1);
  if (!tiles) return;
  checkInteger('Tile width', tiles.width, 1, maxSide);
  checkInteger('Tile height', tiles.height, 1, maxSide);
  checkInteger('Tile overlap', tiles.overlap, 0, maxSide);
}

function writeSections(header: Omit<Header, 'version'>): Uint8Array {
  const { orientation, modelName, tiles, metadata, parity, colourRange } = header;
  const out = new ByteWriter();
  const section = (type: number, content: Uint8Array): void => {
    out.varint(type);
    out.varint(content.length);
    out.bytes(content);
  };
  if (orientation !== 1) section(sectionTypes.orientation, Uint8Array.of(orientation));
  if (modelName !== undefined) {
    const name = encodeUtf8(modelName);
    checkInteger('Bytes of the model name', name.length, 0, maxNameBytes);
    section(sectionTypes.modelName, name);
  }
  if (tiles) {
    const content = new ByteWriter();
    for (const value of [tiles.width, tiles.height, tiles.overlap]) content.varint(value);
    section(sectionTypes.tiles, content.finish());
  }
  if (metadata !== undefined) section(sectionTypes.metadata, metadata);
  if (parity > 0) {
    const content = new ByteWriter();
    content.varint(parity);
    section(sectionTypes.parity, content.finish());
  }
  if (colourRange !== undefined) {
    checkInteger('Pairs of the range of colours', colourRange.length === 6 ? 1 : colourRange.length / 2, 1, 1);
    colourRange.forEach((value, i) => {
      checkInteger('A colour', value, i % 2 === 0 ? 0 : colourRange[i - 1]!, 255);
    });
    section(sectionTypes.colourRange, Uint8Array.from(colourRange));
  }
  return out.finish();
}
