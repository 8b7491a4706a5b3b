/**
 * Parity packets: any k of a file's k + m packets restore the k that carry the picture, byte for byte.
 *
 * It is the systematic Reed–Solomon code over GF(2⁸) with a Cauchy matrix (Blömer et al. 1995, "An XOR-based
 * erasure-resilient coding scheme"): every square part of such a matrix can be inverted, so any m losses can be solved
 * for. Packets count as blocks of one length: the packet's length as a varint, its data, zeros.
 */
import { ByteWriter, peekVarint } from '../bytes/bytes.ts';
import { checkInteger } from '../errors.ts';

/** Most packets and parity packets together. */
export const maxShards = 256;

/** GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
interface Field {
  /** Powers of x, twice over, so that sums of logarithms need no modulo. */
  readonly exp: Uint8Array;
  readonly log: Uint8Array;
}

function createField(): Field {
  const exp = new Uint8Array(510);
  const log = new Uint8Array(256);
  for (let i = 0, power = 1; i < 255; i++) {
    exp[i] = power;
    exp[i + 255] = power;
    log[power] = i;
    power = (power << 1) ^ (power > 127 ? 0x11d : 0);
  }
  return { exp, log };
}

/** target += factor · source. */
function addProduct({ exp, log }: Field, target: Uint8Array, source: Uint8Array, factor: number): void {
  if (factor === 0) return;
  const shift = log[factor]!;
  for (let i = 0; i < source.length; i++) if (source[i] !== 0) target[i]! ^= exp[log[source[i]!]! + shift]!;
}

/** Entry of the Cauchy matrix: 1 / (x ⊕ y) with x = k + row and y = column. */
function entry({ exp, log }: Field, k: number, row: number, column: number): number {
  return exp[255 - log[(k + row) ^ column]!]!;
}

function blockOf(packet: Uint8Array, length: number): Uint8Array {
  const out = new ByteWriter(length);
  out.varint(packet.length);
  out.bytes(packet);
  const block = new Uint8Array(length);
  block.set(out.finish());
  return block;
}

function packetOf(block: Uint8Array): Uint8Array | undefined {
  const length = peekVarint(block, 0);
  if (!length || length.end + length.value > block.length) return undefined;
  return block.subarray(length.end, length.end + length.value);
}

/** Bytes of a packet as a block. */
function blockBytes({ length }: Uint8Array): number {
  const out = new ByteWriter();
  out.varint(length);
  return out.length + length;
}

/**
 * Returns the data of `count` parity packets, all as long as the longest block.
 *
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when there are more than 256 packets with the parity packets.
 */
export function parityOf(packets: readonly Uint8Array[], count: number): Uint8Array[] {
  const k = packets.length;
  checkInteger('Parity packets', count, 1, maxShards - k);
  const length = Math.max(...packets.map(blockBytes));
  const blocks = packets.map((packet) => blockOf(packet, length));
  const field = createField();
  return Array.from({ length: count }, (_, row) => {
    const parity = new Uint8Array(length);
    blocks.forEach((block, column) => addProduct(field, parity, block, entry(field, k, row, column)));
    return parity;
  });
}

/**
 * Fills in lost packets, if there is enough parity for all of them.
 *
 * @param packets  The packets that carry the picture; `undefined` is a lost one.
 * @param parity  Data of the parity packets; `undefined` is a lost one.
 * @returns The packets; some are still `undefined` when too much is lost.
 */
export function restorePackets(
  packets: readonly (Uint8Array | undefined)[],
  parity: readonly (Uint8Array | undefined)[],
): (Uint8Array | undefined)[] {
  const k = packets.length;
  const lost = [...packets.keys()].filter((i) => packets[i] === undefined);
  const length = parity.find((data) => data)?.length ?? 0;
  const rows = [...parity.keys()].filter((row) => parity[row]?.length === length).slice(0, lost.length);
  const isPossible = k + parity.length <= maxShards && packets.every((p) => !p || blockBytes(p) <= length);
  if (lost.length === 0 || rows.length < lost.length || !isPossible) return [...packets];
  const field = createField();
  // What is left of the parity without the packets that arrived is the matrix of the lost ones times their blocks.
  const sums = rows.map((row) => parity[row]!.slice());
  packets.forEach((packet, column) => {
    if (!packet) return;
    const block = blockOf(packet, length);
    rows.forEach((row, i) => addProduct(field, sums[i]!, block, entry(field, k, row, column)));
  });
  const matrix = rows.map((row) => Uint8Array.from(lost, (column) => entry(field, k, row, column)));
  solve(field, matrix, sums);
  const result = [...packets];
  lost.forEach((column, i) => {
    result[column] = packetOf(sums[i]!);
  });
  return result;
}

/** Solves matrix · x = sums by elimination, in place; no square part of a Cauchy matrix has a zero where it matters. */
function solve(field: Field, matrix: readonly Uint8Array[], sums: readonly Uint8Array[]): void {
  const { exp, log } = field;
  for (let i = 0; i < matrix.length; i++) {
    const inverse = exp[255 - log[matrix[i]![i]!]!]!;
    for (const list of [matrix, sums]) {
      const scaled = new Uint8Array(list[i]!.length);
      addProduct(field, scaled, list[i]!, inverse);
      list[i]!.set(scaled);
    }
    for (let j = 0; j < matrix.length; j++) {
      const factor = matrix[j]![i]!;
      if (j === i || factor === 0) continue;
      addProduct(field, matrix[j]!, matrix[i]!, factor);
      addProduct(field, sums[j]!, sums[i]!, factor);
    }
  }
}
