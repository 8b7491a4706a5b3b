/** Reads and checks the profile and the network of a plane in a prior file. */
import { ByteReader } from '../bytes/bytes.ts';
import { Network, type NetworkWeights } from '../mixing/network.ts';
import { type Context, depthOf, type PlaneProfile, type Tap } from '../mixing/profile.ts';
import { invalidPrior, maxCounters, maxTapTables } from './prior.ts';

/** Reads a byte from −128 to 127. */
function signed(reader: ByteReader): number {
  return (reader.u8() << 24) >> 24;
}

/** Reads the taps and contexts of a plane. @throws BitstreamError `PRIOR_INVALID`. */
export function readProfile(reader: ByteReader, codebookSizes: readonly number[], plane: number): PlaneProfile {
  const taps: Tap[] = Array.from({ length: reader.u8() }, () => {
    const tap = { plane: reader.u8(), dx: signed(reader), dy: signed(reader) };
    const isEarlier = tap.dy < 0 || (tap.dy === 0 && (tap.dx < 0 || (tap.dx === 0 && tap.plane < plane)));
    if (tap.plane >= codebookSizes.length || !isEarlier)
      throw invalidPrior(`A tap of plane ${plane} is not known in time`);
    return tap;
  });
  let counters = 0;
  const contexts: Context[] = Array.from({ length: reader.u8() }, () => {
    const nodeBits = reader.u8();
    let size = 1 << Math.min(nodeBits, depthOf(codebookSizes[plane]!));
    const parts = Array.from({ length: reader.u8() }, () => {
      const part = { tap: reader.u8(), bits: reader.u8() };
      const tap = taps[part.tap];
      if (tap === undefined) throw invalidPrior(`A context of plane ${plane} names a tap that is not there`);
      size *= (1 << Math.min(part.bits, depthOf(codebookSizes[tap.plane]!))) + 1;
      if (size > maxCounters) throw invalidPrior(`A context of plane ${plane} is too large`);
      return part;
    });
    counters += size;
    if (counters > maxCounters) throw invalidPrior(`The contexts of plane ${plane} are too large`);
    return { parts, nodeBits };
  });
  return { taps, contexts };
}

/** What the networks of a prior have asked for so far. */
export interface TapTableSize {
  numbers: number;
  multiplications: number;
}

/**
 * Reads the network of a plane and makes it ready.
 *
 * @param spent  What the networks before it asked for; its own part is added.
 * @throws BitstreamError `PRIOR_INVALID`.
 */
export function readNetwork(
  reader: ByteReader,
  codebookSizes: readonly number[],
  plane: number,
  { taps }: PlaneProfile,
  spent: TapTableSize,
): Network {
  const embedding = reader.u8();
  const hidden = reader.u8();
  const shifts = [reader.u8(), reader.u8(), reader.u8()] as const;
  const tapPlanes = taps.map((tap) => tap.plane);
  const tableSize = tapPlanes.reduce((sum, source) => sum + (codebookSizes[source]! + 1) * hidden, 0);
  spent.numbers += tableSize;
  spent.multiplications += tableSize * embedding;
  const isTooLarge = spent.numbers > maxTapTables.numbers || spent.multiplications > maxTapTables.multiplications;
  if (embedding < 1 || hidden < 1 || shifts.some((shift) => shift > 30) || isTooLarge) {
    throw invalidPrior(`The network of plane ${plane} has impossible dimensions`);
  }
  const bytes = (length: number): Int8Array => Int8Array.from(reader.take(length));
  const words = (length: number): Int16Array => {
    const from = new ByteReader(reader.take(length * 2));
    return Int16Array.from({ length }, () => from.u16());
  };
  const sources = [...new Set(tapPlanes)];
  const nodes = 1 << depthOf(codebookSizes[plane]!);
  const weights: NetworkWeights = {
    embedding,
    hidden,
    sources,
    codes: sources.map((source) => bytes((codebookSizes[source]! + 1) * embedding)),
    first: words(taps.length * embedding * hidden),
    firstBias: words(hidden),
    second: words(hidden * hidden),
    secondBias: words(hidden),
    nodes: bytes(nodes * hidden),
    nodeBias: words(nodes),
    shifts,
  };
  return new Network(weights, tapPlanes);
}
