/** Writes prior files. Numbers are little-endian. */
import { ByteWriter } from '../bytes/bytes.ts';
import { crc32 } from '../bytes/checksum.ts';
import { createLogisticTables, type LogisticTables } from '../entropy/logistic.ts';
import { checkInteger } from '../errors.ts';
import type { NetworkWeights } from '../mixing/network.ts';
import { type PlaneState, type Rates, weightLimit } from '../mixing/plane-state.ts';
import type { PlaneProfile } from '../mixing/profile.ts';
import { checkPriorSizes, normalizeFrequencies, planeFlags, priorMagic } from './prior.ts';

/** What is written about one plane. */
export interface PlanePriorContent {
  /** Leaf of every index; `undefined` is the order of the indices. */
  readonly leafOf: ArrayLike<number> | undefined;
  /** Static table: integers from 1, their sum 65536. */
  readonly frequencies: ArrayLike<number>;
  /** Start of the mixing model. */
  readonly mixing:
    | {
        readonly profile: PlaneProfile;
        readonly rates: Rates;
        readonly state: PlaneState;
        readonly network: NetworkWeights | undefined;
      }
    | undefined;
}

/** Counts above this are stored as this: what was learned elsewhere must not outweigh the picture at hand. */
const maxStoredCount = 3;

/** Writes a prior file. */
export function writePrior(
  codebookSizes: readonly number[],
  planes: readonly PlanePriorContent[],
  tables: LogisticTables,
): Uint8Array<ArrayBuffer> {
  checkPriorSizes(codebookSizes);
  const out = new ByteWriter(1 << 16);
  for (const byte of priorMagic) out.u8(byte);
  out.varint(codebookSizes.length);
  for (const size of codebookSizes) out.varint(size);
  for (const { leafOf, frequencies, mixing } of planes) {
    const network = mixing?.network;
    out.u8((leafOf ? planeFlags.order : 0) | (mixing ? planeFlags.mixing : 0) | (network ? planeFlags.network : 0));
    if (leafOf) for (let i = 0; i < leafOf.length; i++) out.u16(leafOf[i]!);
    for (let i = 0; i < frequencies.length; i++) out.u16(frequencies[i]! - 1);
    if (!mixing) continue;
    writeProfile(out, mixing.profile);
    out.u8(mixing.rates.countLimit);
    out.u8(mixing.rates.weightShift);
    for (const weight of mixing.state.weights) out.u16(Math.min((weight + 8) >> 4, weightLimit >> 4));
    writeCounters(out, mixing.state, tables);
    if (network) writeNetwork(out, network);
  }
  const body = out.finish();
  out.u32(crc32(body));
  return out.finish();
}

/**
 * Returns the file of a prior that holds static tables alone.
 *
 * @param counts  Per plane, how often every index was seen.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` for counts that are no integers, or too many symbols.
 */
export function createTablePrior(counts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  checkInteger('Number of tables', counts.length, 1, 64);
  const planes = counts.map((table) => {
    return { leafOf: undefined, frequencies: normalizeFrequencies(table), mixing: undefined };
  });
  const sizes = counts.map((table) => table.length);
  return writePrior(sizes, planes, createLogisticTables());
}

function writeProfile(out: ByteWriter, { taps, contexts }: PlaneProfile): void {
  out.u8(taps.length);
  for (const { plane, dx, dy } of taps) {
    out.u8(plane);
    out.u8(dx);
    out.u8(dy);
  }
  out.u8(contexts.length);
  for (const { parts, nodeBits } of contexts) {
    out.u8(nodeBits);
    out.u8(parts.length);
    for (const { tap, bits } of parts) {
      out.u8(tap);
      out.u8(bits);
    }
  }
}

/** One byte a counter: two bits of count above six bits of probability in quarter logits. */
function writeCounters(out: ByteWriter, { counters }: PlaneState, { stretch }: LogisticTables): void {
  const { probabilities, counts } = counters;
  for (let i = 0; i < counts.length; i++) {
    const quarters = counts[i] === 0 ? 0 : Math.min(31, (stretch[probabilities[i]! >>> 4]! + 32) >> 6);
    out.u8((Math.min(maxStoredCount, counts[i]!) << 6) | (quarters + 32));
  }
}

function writeNetwork(out: ByteWriter, network: NetworkWeights): void {
  out.u8(network.embedding);
  out.u8(network.hidden);
  for (const shift of network.shifts) out.u8(shift);
  const words = (values: Int16Array): void => values.forEach((value) => out.u16(value));
  const bytes = (values: Int8Array): void => values.forEach((value) => out.u8(value));
  network.codes.forEach(bytes);
  words(network.first);
  words(network.firstBias);
  words(network.second);
  words(network.secondBias);
  bytes(network.nodes);
  words(network.nodeBias);
}
