/**
 * Codes the leaves of all planes of a packet with the mixing model, position by position.
 *
 * At every position the planes follow each other, so a plane may look at earlier planes of the same position.
 */
import { type Deal, type Lattice, neighbourDistance, ownerOf } from '../entropy/lattice.ts';
import { createLogisticTables } from '../entropy/logistic.ts';
import type { BitCoder } from '../entropy/range-coder.ts';
import { createCountClasses, createStepSizes } from './counters.ts';
import type { Network } from './network.ts';
import { PlaneModel, type SharedTables } from './plane-model.ts';
import { counterLayout, createState, defaultRates, fixedVotes, type PlaneState, type Rates } from './plane-state.ts';
import { defaultProfile, depthOf, type PlaneProfile } from './profile.ts';

/** What a prior says about one plane's model. */
export interface PlaneModelPrior {
  readonly profile: PlaneProfile;
  readonly rates: Rates;
  readonly network: Network | undefined;
  /** Returns a fresh copy of the state that the model starts from. */
  createState(): PlaneState;
}

/** Returns the tables that all models share. */
export function createSharedTables(): SharedTables {
  return { logistic: createLogisticTables(), steps: createStepSizes(), classes: createCountClasses() };
}

/** Returns the number of counters of a plane. */
export function countCounters(codebookSizes: readonly number[], plane: number, profile: PlaneProfile): number {
  const tapDepths = profile.taps.map((tap) => depthOf(codebookSizes[tap.plane]!));
  return counterLayout(depthOf(codebookSizes[plane]!), tapDepths, profile).size;
}

/** What a plane starts from without a prior. */
export function withoutPrior(codebookSizes: readonly number[], plane: number): PlaneModelPrior {
  const profile = defaultProfile(codebookSizes, plane);
  const votes = profile.contexts.length + fixedVotes;
  const counters = countCounters(codebookSizes, plane, profile);
  return {
    profile,
    rates: defaultRates,
    network: undefined,
    createState: () => createState(depthOf(codebookSizes[plane]!), votes, counters),
  };
}

/** Returns one fresh model per plane. */
export function createPlaneModels(
  codebookSizes: readonly number[],
  priors: readonly PlaneModelPrior[],
  tables: SharedTables,
): PlaneModel[] {
  return priors.map(({ profile, rates, network, createState }, plane) => {
    return new PlaneModel({ plane, codebookSizes, profile, rates, network, state: createState(), tables });
  });
}

/** Reads the taps of one plane around a position. */
export type TapReader = (x: number, y: number, taps: Int32Array) => void;

/**
 * Returns a function that collects the leaves at the taps: −1 where a tap is outside the picture or in another packet.
 *
 * @param leaves  Leaves of every plane in raster order; what is not known yet is not looked at.
 */
export function createTapReader(profile: PlaneProfile, lattice: Lattice, leaves: readonly Int32Array[]): TapReader {
  const { width } = lattice;
  const owner = ownerOf(lattice);
  const distances = profile.taps.map(({ dx, dy }) => (lattice.blocks ? dx : neighbourDistance(lattice, dx, dy)));
  return (x, y, taps) => {
    const packet = owner(x, y);
    for (let t = 0; t < profile.taps.length; t++) {
      const column = x + distances[t]!;
      const row = y + profile.taps[t]!.dy;
      const isInside = column >= 0 && column < width && row >= 0;
      taps[t] = isInside && owner(column, row) === packet ? leaves[profile.taps[t]!.plane]![row * width + column]! : -1;
    }
  };
}

/**
 * Codes one packet.
 *
 * @param models  One fresh model per plane; they learn.
 * @param leaves  Leaves of every plane in raster order: read by an encoder, filled in by a decoder.
 */
export function codeLeaves(
  coder: BitCoder,
  models: readonly PlaneModel[],
  deal: Deal,
  packet: number,
  leaves: readonly Int32Array[],
): void {
  const { width } = deal.lattice;
  const readers = models.map((model) => createTapReader(model.profile, deal.lattice, leaves));
  const taps = models.map((model) => new Int32Array(model.profile.taps.length));
  deal.visit(packet, (x, y) => {
    const at = y * width + x;
    for (let plane = 0; plane < models.length; plane++) {
      readers[plane]!(x, y, taps[plane]!);
      leaves[plane]![at] = models[plane]!.code(coder, leaves[plane]![at]!, taps[plane]!);
    }
  });
}
