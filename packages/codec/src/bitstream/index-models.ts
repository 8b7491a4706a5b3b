/** The models of each mode, fresh for every packet: what encoder and decoder share. */
import { AdaptiveModel, StaticModel, type SymbolModel, uniformModel } from './entropy/frequencies.ts';
import type { EntropyMode } from './index-map.ts';
import { countCounters, createPlaneModels, createSharedTables, withoutPrior } from './mixing/mixing-coder.ts';
import type { PlaneModel } from './mixing/plane-model.ts';
import { defaultProfile } from './mixing/profile.ts';
import type { Prior } from './prior/prior.ts';

/** Whether a prior can start the mixing model of every plane. */
export function hasMixing(prior: Prior): boolean {
  return prior.planes.every(({ mixing }) => mixing !== undefined);
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
  if (mode === 'uniform') return true;
  const sizes = codebookSizes.map((size, plane) => {
    if (mode !== 'mixing') return size;
    const profile = prior?.planes[plane]?.mixing?.profile ?? defaultProfile(codebookSizes, plane);
    return countCounters(codebookSizes, plane, profile);
  });
  return sizes.reduce((sum, size) => sum + size, 0) * packets <= maxSetup;
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
