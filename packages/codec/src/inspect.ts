/** What a file says about itself, for people and tools. */
import { inspect as inspectContainer, printable } from './bitstream/index.ts';
import { bytesOf, type FileBytes } from './options.ts';

/** Facts about a `.vqk` file. */
export interface FileInfo {
  /** Version of the format. */
  readonly version: number;
  /** Model that made it; what cannot be printed is spelled out, as in `\\x1b`. */
  readonly modelId: string;
  readonly width: number;
  readonly height: number;
  /** Size of the whole file. */
  readonly bytes: number;
  /** Bits per pixel of the whole file. */
  readonly bpp: number;
  /** K of the codebook; of the first plane where there are several. */
  readonly codebookSize: number;
  /** K of every plane. */
  readonly codebookSizes: readonly number[];
  /** Grid of positions. */
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** How indices are coded. */
  readonly entropyMode: string;
  /** Bytes of the header, the indices, the framing of packets, alpha, and parity. */
  readonly account: {
    readonly header: number;
    readonly payload: number;
    readonly framing: number;
    readonly alpha: number;
    readonly parity: number;
  };
  readonly packets: number;
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  /** Whether all packets are there and intact, or can be restored. */
  readonly isComplete: boolean;
}

/**
 * Reads the header of a file, without decoding anything.
 *
 * @throws CodecError `BYTES_INVALID`; BitstreamError for bytes that are not an intact header.
 */
export function inspect(bytes: FileBytes): FileInfo {
  const found = inspectContainer(bytesOf(bytes));
  const { version, width, height, bpp, gridWidth, gridHeight, packets, isGrey, hasAlpha, isComplete } = found;
  const { total, header, payload, framing, alpha, parity } = found.bytes;
  return {
    version,
    modelId: printable(new TextDecoder().decode(found.modelId)),
    width,
    height,
    bytes: total,
    bpp,
    codebookSize: found.codebookSizes[0]!,
    codebookSizes: found.codebookSizes,
    gridWidth,
    gridHeight,
    entropyMode: found.mode,
    account: { header, payload, framing, alpha, parity },
    packets,
    isGrey,
    hasAlpha,
    isComplete,
  };
}
