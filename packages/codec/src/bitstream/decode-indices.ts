/**
 * Bytes to index maps.
 *
 * Packets decode alone. What is lost stays lost here and is marked; guessing it is the business of a concealer.
 */
import { countPositions, type Deal, deal, forOwners, type Lattice } from './entropy/lattice.ts';
import { RangeDecoder } from './entropy/range-coder.ts';
import { BitstreamError, checkInteger, limitOf } from './errors.ts';
import { type CodedIndices, checkShape, isModePossible } from './index-map.ts';
import { createSymbolModels, hasMixing, isSetupPossible, mixingModels, workOf } from './index-models.ts';
import { codeLeaves } from './mixing/mixing-coder.ts';
import { depthOf } from './mixing/profile.ts';
import type { Prior } from './prior/prior.ts';
import { checkWork, freeSteps, indexStepsPerByte } from './work.ts';

/** What decoding needs besides the coded data. */
export interface DecodeIndicesOptions {
  /** The prior, or all priors of the model; the one with the right id and codebook sizes is taken. */
  readonly prior?: Prior | readonly Prior[] | undefined;
  /** Most indices to decode, all planes together; default 2²² = 4,194,304. Time and memory grow with it. */
  readonly maxIndices?: number | undefined;
  /**
   * Most steps of work, about 20 ns each; default 2²⁴ and 1024 per byte of the packets, which every file of `encodeIndices`
   * keeps to. Infinity for trusted files of other encoders.
   */
  readonly maxWork?: number | undefined;
}

/** Decoded indices. */
export interface DecodedIndices {
  readonly width: number;
  readonly height: number;
  readonly codebookSizes: readonly number[];
  /** One list per plane, in raster order; 0 where the position is lost. */
  readonly planes: readonly Uint32Array[];
  /** 1 at every lost position, in raster order; `undefined` when nothing is lost. */
  readonly lost: Uint8Array | undefined;
}

/** Default of `maxIndices`. */
export const defaultMaxIndices: number = 1 << 22;

/**
 * Decodes indices.
 *
 * @throws BitstreamError `LIMIT_EXCEEDED`, `PRIOR_MISSING`, `PRIOR_MISMATCH`, `ALL_PACKETS_LOST`, `PAYLOAD_INVALID`, or
 *   `VALUE_OUT_OF_RANGE` for a shape that no encoder gives and for options that are no limits.
 */
export function decodeIndices(coded: CodedIndices, options: DecodeIndicesOptions = {}): DecodedIndices {
  checkShape(coded);
  const { width, height, codebookSizes, mode, packets, step, blocks } = coded;
  if (blocks) {
    checkInteger('Columns of blocks', blocks.columns, 1, width);
    checkInteger('Rows of blocks', blocks.rows, 1, height);
  }
  const maxIndices = limitOf('maxIndices', options.maxIndices, defaultMaxIndices);
  const count = width * height * codebookSizes.length;
  if (count > maxIndices) {
    throw new BitstreamError({
      code: 'LIMIT_EXCEEDED',
      message: `The file has ${count} indices, at most ${maxIndices} are allowed`,
      fix: 'Raise maxIndices if the file can be trusted',
    });
  }
  const prior = findPrior(coded, options.prior);
  if (!isSetupPossible(codebookSizes, mode, prior, packets.length)) {
    throw new BitstreamError({
      code: 'LIMIT_EXCEEDED',
      message: `${packets.length} packets with models of their own for ${codebookSizes.length} planes are too many`,
      fix: 'The file is hostile; no encoder writes it',
    });
  }
  const lattice: Lattice = { width, height, packets: packets.length, step, blocks };
  const counts = countPositions(lattice);
  // In the first form checksums are long, so what does not decode was written so; short ones let damage through at times.
  const arrived = packets.map((bytes, packet) => {
    if (!bytes || isPlausible(coded, bytes.length, counts[packet]!)) return bytes;
    return blocks ? undefined : tooShort(bytes.length, counts[packet]!);
  });
  checkArrived(arrived, counts);
  const work = workOf(codebookSizes, mode, prior);
  let [steps, length] = [0, 0];
  arrived.forEach((bytes, packet) => {
    if (!bytes) return;
    steps += work(counts[packet]!);
    length += bytes.length;
  });
  checkWork(steps, limitOf('maxWork', options.maxWork, freeSteps + indexStepsPerByte * length));
  const planes = codebookSizes.map(() => new Uint32Array(width * height));
  const dealt = deal(lattice);
  const decodePacket =
    mode === 'mixing' ? mixingDecoder(coded, dealt, prior, planes) : symbolDecoder(coded, dealt, prior, planes);
  for (const [packet, bytes] of arrived.entries()) {
    if (!bytes) continue;
    try {
      decodePacket(bytes, packet);
    } catch (error) {
      if (!blocks || !(error instanceof BitstreamError && error.code === 'PAYLOAD_INVALID')) throw error;
      arrived[packet] = undefined;
      dealt.visit(packet, (x, y) => {
        for (const plane of planes) plane[y * width + x] = 0;
      });
    }
  }
  checkArrived(arrived, counts);
  return { width, height, codebookSizes, planes, lost: lostPositions(lattice, arrived) };
}

/** @throws BitstreamError `ALL_PACKETS_LOST` when no packet with a position is there. */
function checkArrived(packets: CodedIndices['packets'], counts: Uint32Array): void {
  if (packets.some((bytes, packet) => bytes !== undefined && counts[packet]! > 0)) return;
  throw new BitstreamError({
    code: 'ALL_PACKETS_LOST',
    message: 'No packet with a position is intact',
    fix: 'Get another copy of the file',
  });
}

/** Lower bound of what a position costs in 2⁻²⁰ bits, under the most confident model of the mode. */
function leastCost({ mode, codebookSizes }: CodedIndices): number {
  const coded = codebookSizes.filter((size) => size > 1);
  // Half the bits of a code: the last value of a range gets what division leaves over, and is a little cheaper.
  if (mode === 'uniform') return coded.reduce((sum, size) => sum + (depthOf(size + 1) - 1) * 524288, 0);
  // Just under −log2(65535/65536) for a symbol of a table, and −log2(65504/65536) for a decision of the mixer. The last
  // leaf has the fewest decisions: one for every 1 in its number.
  return coded.reduce((sum, size) => sum + (mode === 'mixing' ? 700 * countOnes(size - 1) : 21), 0);
}

function countOnes(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Whether data are long enough for so many positions: looked at before memory is set aside for them. */
function isPlausible(coded: CodedIndices, bytes: number, positions: number): boolean {
  return positions * leastCost(coded) <= (bytes + 5) * 8 * 1048576;
}

function tooShort(bytes: number, positions: number): never {
  throw new BitstreamError({
    code: 'PAYLOAD_INVALID',
    message: `${bytes} bytes cannot hold ${positions} positions`,
    fix: 'The file is damaged or hostile; get another copy',
  });
}

/** The prior that a map was coded with. @throws BitstreamError `PAYLOAD_INVALID`, `PRIOR_MISSING`, `PRIOR_MISMATCH` */
export function findPrior(
  { mode, priorId, codebookSizes }: CodedIndices,
  given: Prior | readonly Prior[] | undefined,
): Prior | undefined {
  if (!isModePossible(mode, codebookSizes)) {
    throw new BitstreamError({
      code: 'PAYLOAD_INVALID',
      message: `Mode ${mode} cannot code codebooks of ${codebookSizes.join(', ')} codes`,
      fix: 'The file is damaged or hostile; get another copy',
    });
  }
  if (priorId === undefined && mode !== 'static') return undefined;
  const priors = given === undefined ? [] : 'id' in given ? [given] : given;
  if (priors.length === 0) {
    throw new BitstreamError({
      code: 'PRIOR_MISSING',
      message: `The indices are coded with prior ${priorId}`,
      fix: 'Pass the prior that belongs to the model',
    });
  }
  const found = priors.find((prior) => prior.id === priorId && prior.codebookSizes.join() === codebookSizes.join());
  const isUsable = found !== undefined && (mode === 'static' || hasMixing(found));
  if (isUsable) return found;
  throw new BitstreamError({
    code: 'PRIOR_MISMATCH',
    message: `The indices need prior ${priorId} for codebooks of ${codebookSizes.join(', ')}, given: ${priors.map((p) => p.id).join(', ')}`,
    fix: 'Install the version of the weights that the file was made with',
  });
}

type Planes = readonly Uint32Array[];

function symbolDecoder(
  { width, codebookSizes, mode }: CodedIndices,
  dealt: Deal,
  prior: Prior | undefined,
  planes: Planes,
) {
  return (bytes: Uint8Array, packet: number): void => {
    const decoder = new RangeDecoder(bytes);
    const models = createSymbolModels(codebookSizes, mode, prior);
    dealt.visit(packet, (x, y) => {
      const at = y * width + x;
      models.forEach((model, plane) => {
        planes[plane]![at] = model.decode(decoder);
      });
    });
  };
}

function mixingDecoder({ width, codebookSizes }: CodedIndices, dealt: Deal, prior: Prior | undefined, planes: Planes) {
  const leaves = planes.map((indices) => new Int32Array(indices.length));
  const createModels = mixingModels(codebookSizes, prior);
  return (bytes: Uint8Array, packet: number): void => {
    codeLeaves(new RangeDecoder(bytes), createModels(), dealt, packet, leaves);
    dealt.visit(packet, (x, y) => {
      const at = y * width + x;
      leaves.forEach((list, plane) => {
        const leaf = list[at]!;
        planes[plane]![at] = prior ? prior.planes[plane]!.indexOf[leaf]! : leaf;
      });
    });
  };
}

function lostPositions(lattice: Lattice, packets: CodedIndices['packets']): Uint8Array | undefined {
  if (!packets.includes(undefined)) return undefined;
  const lost = new Uint8Array(lattice.width * lattice.height);
  forOwners(lattice, (at, packet) => {
    lost[at] = packets[packet] ? 0 : 1;
  });
  return lost;
}
