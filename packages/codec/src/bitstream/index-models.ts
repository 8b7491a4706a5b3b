/** The models of each mode, fresh for every packet: what encoder and decoder share. */
import { AdaptiveModel, StaticModel, type SymbolModel, uniformModel } from './entropy/frequencies.ts';
import type { EntropyMode } from './index-map.ts';
import { countCounters, createPlaneModels, createSharedTables, withoutPrior } from './mixing/mixing-coder.ts';
import type { PlaneModel } from './mixing/plane-model.ts';
import { fixedVotes } from './mixing/plane-state.ts';
import { defaultProfile, depthOf } from './mixing/profile.ts';
import type { Prior } from './prior/prior.ts';

/** Whether a prior can start the mixing model of every plane. */
export function hasMixing(prior: Prior): boolean {
  return prior.planes.every(({ mixing }) => mixing !== undefined);
}

/** Numbers in the models of a packet: what has to be set up for it. */
function setupSize(codebookSizes: readonly number[], mode: EntropyMode, prior: Prior | undefined): number {
  if (mode === 'uniform') return 0;
  if (mode !== 'mixing') return codebookSizes.reduce((sum, size) => sum + size, 0);
  return codebookSizes.reduce((sum, _, plane) => {
    const profile = prior?.planes[plane]?.mixing?.profile ?? defaultProfile(codebookSizes, plane);
    return sum + countCounters(codebookSizes, plane, profile);
  }, 0);
}

/** Most numbers that may be set up for the models of all packets together: a fraction of a second. */
const maxSetup = 1 << 28;

/** Whether the models of so many packets can be set up in reasonable time. */
export function isSetupPossible(
  codebookSizes: readonly number[],
  mode: EntropyMode,
  prior: Prior | undefined,
  packets: number,
): boolean {
  return setupSize(codebookSizes, mode, prior) * packets <= maxSetup;
}

/**
 * Returns a function that gives the work of a packet, in steps (`work.ts`), from its number of positions. The numbers were
 * measured; docs/bitstream.md lists them.
 */
export function workOf(
  codebookSizes: readonly number[],
  mode: EntropyMode,
  prior: Prior | undefined,
): (positions: number) => number {
  const setup = Math.ceil(setupSize(codebookSizes, mode, prior) / 16);
  const perPosition = codebookSizes.reduce((sum, size, plane) => {
    const depth = depthOf(size);
    if (mode === 'uniform') return sum + 1;
    if (mode !== 'mixing') return sum + depth + 4;
    const mixing = prior?.planes[plane]?.mixing;
    const { taps, contexts } = mixing?.profile ?? defaultProfile(codebookSizes, plane);
    const own = depth * (contexts.length + fixedVotes + 1) + taps.length;
    return sum + own + Math.ceil((mixing?.network?.cost(depth) ?? 0) / 16);
  }, 0);
  return (positions) => setup + positions * perPosition;
}

/** Returns one fresh model per plane of a mode without neighbours; `static` needs a prior. */
export function createSymbolModels(
  codebookSizes: readonly number[],
  mode: EntropyMode,
  prior: Prior | undefined,
): SymbolModel[] {
  if (mode === 'static' && prior) return prior.planes.map(({ frequencies }) => new StaticModel(frequencies));
  return codebookSizes.map((size) => (mode === 'adaptive' ? new AdaptiveModel(size) : uniformModel(size)));
}

/** Returns a function that makes fresh mixing models, one per plane. */
export function mixingModels(codebookSizes: readonly number[], prior: Prior | undefined): () => PlaneModel[] {
  const tables = createSharedTables();
  const starts = codebookSizes.map((_, plane) => {
    return prior?.planes[plane]?.mixing ?? withoutPrior(codebookSizes, plane);
  });
  return () => createPlaneModels(codebookSizes, starts, tables);
}
