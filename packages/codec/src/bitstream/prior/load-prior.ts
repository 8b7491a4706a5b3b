/** Reads prior files, and trusts none of their numbers before it has checked them. */
import { ByteReader } from '../bytes/bytes.ts';
import { crc32 } from '../bytes/checksum.ts';
import { createLogisticTables, type LogisticTables } from '../entropy/logistic.ts';
import { BitstreamError } from '../errors.ts';
import { maxPlanes } from '../index-map.ts';
import { countClasses, createCounters } from '../mixing/counters.ts';
import { countCounters, type PlaneModelPrior } from '../mixing/mixing-coder.ts';
import { fixedVotes } from '../mixing/plane-state.ts';
import { depthOf } from '../mixing/profile.ts';
import {
  invalidPrior,
  invertOrder,
  maxPriorCodebookSize,
  type PlanePrior,
  type Prior,
  planeFlags,
  priorMagic,
} from './prior.ts';
import { readNetwork, readProfile, type TapTableSize } from './read-parts.ts';

/**
 * Loads a prior.
 *
 * @param bytes  A prior file, as `trainPrior` makes it.
 * @throws BitstreamError `PRIOR_INVALID` when the file is damaged, `UNSUPPORTED_VERSION` when it is from the future.
 */
export function loadPrior(bytes: Uint8Array): Prior {
  if (bytes.length < 8 || priorMagic.some((byte, i) => i < 3 && bytes[i] !== byte)) {
    throw invalidPrior('Expected a prior file, which begins with "vqp"');
  }
  if (bytes[3] !== priorMagic[3]) {
    throw new BitstreamError({
      code: 'UNSUPPORTED_VERSION',
      message: `The prior has version ${bytes[3]}, this program reads version ${priorMagic[3]}`,
      fix: 'Update vqkit',
    });
  }
  const body = bytes.subarray(0, bytes.length - 4);
  const hash = new ByteReader(bytes, bytes.length - 4).u32();
  if (crc32(body) !== hash) throw invalidPrior('The checksum of the prior does not fit');
  try {
    return readPrior(new ByteReader(body, 4), hash);
  } catch (cause) {
    if (cause instanceof BitstreamError && cause.code === 'PRIOR_INVALID') throw cause;
    throw new BitstreamError({ ...invalidPrior('The prior is malformed'), message: 'The prior is malformed', cause });
  }
}

function readPrior(reader: ByteReader, hash: number): Prior {
  const count = reader.varint();
  if (count < 1 || count > maxPlanes) throw invalidPrior(`The prior claims ${count} planes`);
  const codebookSizes = Array.from({ length: count }, () => reader.varint());
  if (codebookSizes.some((size) => size < 1 || size > maxPriorCodebookSize)) {
    throw invalidPrior(`The prior claims codebooks of ${codebookSizes.join(', ')} codes`);
  }
  const tables = createLogisticTables();
  const spent = { numbers: 0, multiplications: 0 };
  const planes = codebookSizes.map((_, plane) => readPlane(reader, codebookSizes, plane, tables, spent));
  if (reader.left !== 0) throw invalidPrior(`The prior has ${reader.left} bytes too many`);
  return { id: hash & 0xffff, hash, codebookSizes, planes };
}

function readPlane(
  reader: ByteReader,
  codebookSizes: readonly number[],
  plane: number,
  tables: LogisticTables,
  spent: TapTableSize,
): PlanePrior {
  const size = codebookSizes[plane]!;
  const flags = reader.u8();
  if (flags > 7 || ((flags & planeFlags.network) !== 0 && (flags & planeFlags.mixing) === 0)) {
    throw invalidPrior(`Plane ${plane} of the prior has unknown flags ${flags}`);
  }
  const orderBytes = (flags & planeFlags.order) !== 0 ? new ByteReader(reader.take(size * 2)) : undefined;
  const leafOf = Uint16Array.from({ length: size }, (_, i) => orderBytes?.u16() ?? i);
  const indexOf = invertOrder(leafOf);
  if (indexOf === undefined) throw invalidPrior(`The order of plane ${plane} is no permutation`);
  const tableBytes = new ByteReader(reader.take(size * 2));
  const frequencies = Uint32Array.from({ length: size }, () => tableBytes.u16() + 1);
  const sum = frequencies.reduce((a, b) => a + b, 0);
  if (sum !== 65536) throw invalidPrior(`The frequencies of plane ${plane} sum up to ${sum} instead of 65536`);
  const hasMixing = (flags & planeFlags.mixing) !== 0;
  const mixing = hasMixing ? readMixing(reader, codebookSizes, plane, flags, tables, spent) : undefined;
  return { leafOf, indexOf, frequencies, mixing };
}

function readMixing(
  reader: ByteReader,
  codebookSizes: readonly number[],
  plane: number,
  flags: number,
  { squash }: LogisticTables,
  spent: TapTableSize,
): PlaneModelPrior {
  const profile = readProfile(reader, codebookSizes, plane);
  const rates = { countLimit: reader.u8(), weightShift: reader.u8() };
  if (rates.countLimit < 1 || rates.weightShift < 8 || rates.weightShift > 24) {
    throw invalidPrior(`Plane ${plane} of the prior has impossible rates`);
  }
  const depth = depthOf(codebookSizes[plane]!);
  const weights = new Int16Array(depth * (profile.contexts.length + fixedVotes) * countClasses);
  const weightBytes = new ByteReader(reader.take(weights.length * 2));
  for (let i = 0; i < weights.length; i++) weights[i] = weightBytes.u16();
  const stored = reader.take(countCounters(codebookSizes, plane, profile));
  const hasNetwork = (flags & planeFlags.network) !== 0;
  const network = hasNetwork ? readNetwork(reader, codebookSizes, plane, profile, spent) : undefined;
  const { counts, probabilities } = createCounters(stored.length);
  for (let i = 0; i < stored.length; i++) {
    counts[i] = stored[i]! >> 6;
    // Six bits of probability are quarter logits from −8; the logistic table has 64 entries to a quarter.
    probabilities[i] = squash[(stored[i]! & 63) * 64]!;
  }
  const scaled = Int32Array.from(weights, (weight) => weight * 16);
  const createState: PlaneModelPrior['createState'] = () => {
    return { counters: { counts: counts.slice(), probabilities: probabilities.slice() }, weights: scaled.slice() };
  };
  return { profile, rates, network, createState };
}
