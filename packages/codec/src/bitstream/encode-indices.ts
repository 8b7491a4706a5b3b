/**
 * Index maps to bytes.
 *
 * The encoder can try every mode and keep the smallest result; a decoder has to do only what the file says.
 */

import { countPositions, type Deal, deal } from './entropy/lattice.ts';
import { layPackets } from './entropy/lay-packets.ts';
import { RangeEncoder } from './entropy/range-coder.ts';
import { BitstreamError, checkInteger } from './errors.ts';
import {
  type CodedIndices,
  checkIndexMap,
  type EntropyMode,
  entropyModes,
  type IndexMap,
  isModePossible,
  maxCodebookSize,
} from './index-map.ts';
import { createSymbolModels, hasMixing, isSetupPossible, mixingModels, workOf } from './index-models.ts';
import { codeLeaves } from './mixing/mixing-coder.ts';
import type { Prior } from './prior/prior.ts';
import { bytesFor, freeSteps, indexStepsPerByte, pad } from './work.ts';

/** How to code indices. */
export interface EncodeIndicesOptions {
  /** A mode, or `'smallest'` (the default) to try all. */
  readonly mode?: EntropyMode | 'smallest';
  /** What the model has learned. Mode `static` needs one, mode `mixing` gets much better by one. */
  readonly prior?: Prior | undefined;
  /** Number of packets, 1 to 4096; default 1. Each decodes alone. */
  readonly packets?: number;
}

/** One way to code a map. */
interface Candidate {
  readonly mode: EntropyMode;
  readonly prior: Prior | undefined;
}

/**
 * Codes an index map.
 *
 * @returns The packets and what a decoder has to know. The same map, prior and options give the same bytes on every machine.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` for a map that is not what it says, or a mode that cannot code it;
 *   `PRIOR_MISSING` for mode `static` without a prior; `PRIOR_MISMATCH` for a prior of other codebook sizes.
 */
export function encodeIndices(map: IndexMap, options: EncodeIndicesOptions = {}): CodedIndices {
  const { mode = 'smallest', prior, packets = 1 } = options;
  checkMode(mode);
  checkIndexMap(map);
  checkInteger('Number of packets', packets, 1, 4096);
  if (prior && prior.codebookSizes.join() !== map.codebookSizes.join()) {
    throw new BitstreamError({
      code: 'PRIOR_MISMATCH',
      message: `The prior is for codebooks of ${prior.codebookSizes.join(', ')} codes, the map has ${map.codebookSizes.join(', ')}`,
      fix: 'Pass the prior of this codebook size',
    });
  }
  const candidates =
    mode === 'smallest' ? allCandidates(map, prior, packets) : [oneCandidate(map, mode, prior, packets)];
  const dealt = deal(layPackets(map.width, map.height, packets));
  let best: CodedIndices | undefined;
  let bestSize = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const coded = encodeWith(map, dealt, candidate);
    // Naming a prior costs the header two bytes.
    const size = coded.packets.reduce((sum, packet) => sum + packet!.length, candidate.prior ? 2 : 0);
    if (size >= bestSize) continue;
    best = coded;
    bestSize = size;
  }
  return best!;
}

function checkMode(mode: string): void {
  if (mode === 'smallest' || entropyModes.some((known) => known === mode)) return;
  throw new BitstreamError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `mode: expected one of smallest, ${entropyModes.join(', ')}, got ${String(mode)}`,
    fix: 'Correct the option, or leave it out',
  });
}

function allCandidates({ codebookSizes }: IndexMap, prior: Prior | undefined, packets: number): Candidate[] {
  const candidates: Candidate[] = [
    { mode: 'uniform', prior: undefined },
    { mode: 'adaptive', prior: undefined },
    { mode: 'mixing', prior: undefined },
    ...(prior ? [{ mode: 'static' as const, prior }] : []),
    ...(prior && hasMixing(prior) ? [{ mode: 'mixing' as const, prior }] : []),
  ];
  return candidates.filter((candidate) => {
    if (!isModePossible(candidate.mode, codebookSizes)) return false;
    return isSetupPossible(codebookSizes, candidate.mode, candidate.prior, packets);
  });
}

function oneCandidate(
  { codebookSizes }: IndexMap,
  mode: EntropyMode,
  prior: Prior | undefined,
  packets: number,
): Candidate {
  if (!isModePossible(mode, codebookSizes)) {
    throw new BitstreamError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `Mode ${mode} codes codebooks of up to ${maxCodebookSize[mode]} codes, the map has ${codebookSizes.join(', ')}`,
      fix: "Use mode 'uniform' or 'smallest'",
    });
  }
  if (mode === 'static' && !prior) {
    throw new BitstreamError({
      code: 'PRIOR_MISSING',
      message: 'Mode static needs the frequencies of a prior',
      fix: 'Pass a prior, e.g. loadPrior(await trainPrior(maps, …))',
    });
  }
  const usesPrior = prior && (mode === 'static' || (mode === 'mixing' && hasMixing(prior)));
  const candidate = { mode, prior: usesPrior ? prior : undefined };
  if (isSetupPossible(codebookSizes, mode, candidate.prior, packets)) return candidate;
  throw new BitstreamError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `Mode ${mode} cannot set up models for ${packets} packets of ${codebookSizes.length} planes`,
    fix: "Use fewer packets, or mode 'uniform'",
  });
}

function encodeWith(map: IndexMap, dealt: Deal, { mode, prior }: Candidate): CodedIndices {
  const { width, height, codebookSizes } = map;
  const { packets: count, step, blocks } = dealt.lattice;
  const encodePacket = mode === 'mixing' ? mixingEncoder(map, dealt, prior) : symbolEncoder(map, dealt, mode, prior);
  // Every packet pays for its own work, so that what is left after a loss is allowed too.
  const free = Math.floor(freeSteps / count);
  const work = workOf(codebookSizes, mode, prior);
  const packets = Array.from(countPositions(dealt.lattice), (positions, packet) => {
    return pad(encodePacket(packet), bytesFor(work(positions), free, indexStepsPerByte));
  });
  return {
    width,
    height,
    codebookSizes,
    mode,
    priorId: prior?.id,
    step,
    blocks: count > 1 ? blocks : undefined,
    packets,
  };
}

function symbolEncoder(map: IndexMap, dealt: Deal, mode: EntropyMode, prior: Prior | undefined) {
  return (packet: number): Uint8Array => {
    const encoder = new RangeEncoder();
    const models = createSymbolModels(map.codebookSizes, mode, prior);
    dealt.visit(packet, (x, y) => {
      const at = y * map.width + x;
      models.forEach((model, plane) => {
        model.encode(encoder, map.planes[plane]![at]!);
      });
    });
    return encoder.finish();
  };
}

function mixingEncoder(map: IndexMap, dealt: Deal, prior: Prior | undefined) {
  const createModels = mixingModels(map.codebookSizes, prior);
  const leaves = map.planes.map((indices, plane) => {
    const leafOf = prior?.planes[plane]?.leafOf;
    return Int32Array.from(indices, (index) => (leafOf ? leafOf[index]! : index));
  });
  return (packet: number): Uint8Array => {
    const encoder = new RangeEncoder();
    codeLeaves(encoder, createModels(), dealt, packet, leaves);
    return encoder.finish();
  };
}
