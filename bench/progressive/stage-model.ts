/**
 * What indices cost in an order of their own: the format's context mixer with a network, learned and run stage by stage. The mixer and
 * the trainer are inner parts of the bitstream; no file has such an order.
 */
import { random } from '@vqkit/core';
import {
  type BitCoder,
  counterLayout,
  createSharedTables,
  createState,
  defaultRates,
  depthOf,
  fixedVotes,
  Network,
  NetworkTrainer,
  PlaneModel,
  type PlaneState,
  type Rates,
} from '../../tooling/bitstream-parts.ts';
import { planes, type Stage, visitStage } from './orders.ts';

/** A map as leaves of the trees of its planes. */
export interface LeafMap {
  readonly width: number;
  readonly height: number;
  /** One list per plane, in raster order. */
  readonly leaves: readonly Int32Array[];
}

/** The codebooks of the planes. */
export interface Codebooks {
  /** K of every plane. */
  readonly sizes: readonly number[];
  /** Per coarse leaf, the leaves of the codes that belong to it. */
  readonly members: readonly (readonly number[])[];
}

/** Bits of every position in raster order, 0 where a stage does not code; the map is coded with a fresh model. */
export type StageCost = (map: LeafMap) => Float64Array;

const tables = createSharedTables();
const [epochs, learningRate] = [3, 0.03];
/** Right shifts of the mixer's corrections in the course of training, as for priors. */
const weightShifts = [14, 14, 15, 15, 16] as const;

/** Learns a stage from maps: first the network, then the counters and weights of the mixer, as `trainPrior` does. */
export function trainStage(stage: Stage, maps: readonly LeafMap[], books: Codebooks): StageCost {
  const tapPlanes = stage.taps.map(({ plane }) => plane);
  const trainer = new NetworkTrainer(books.sizes[stage.plane]!, tapPlanes, books.sizes, {}, 1);
  const steps = epochs * maps.length;
  const stream = random(1);
  let order: number[] = [];
  for (let done = 0; done < steps; done++) {
    if (done % maps.length === 0) order = shuffled(maps.length, () => stream.next());
    const rate = learningRate * (1 - done / steps) + learningRate / 30;
    visitLeaves(stage, maps[order[done % maps.length]!]!, (leaf, taps) => trainer.learn(leaf, taps, rate));
  }
  const network = new Network(trainer.quantize(), tapPlanes);
  const depths = tapPlanes.map((plane) => depthOf(books.sizes[plane]!));
  const depth = depthOf(books.sizes[stage.plane]!);
  const { size } = counterLayout(depth, depths, stage);
  const state = createState(depth, stage.contexts.length + fixedVotes, size);
  const modelOf = (own: PlaneState, rates: Rates): PlaneModel =>
    new PlaneModel({
      plane: stage.plane,
      codebookSizes: books.sizes,
      profile: stage,
      state: own,
      rates,
      network,
      tables,
    });
  const learner = modelOf(state, defaultRates);
  order = shuffled(maps.length, () => stream.next());
  order.forEach((which, done) => {
    learner.rates = { countLimit: 255, weightShift: weightShifts[Math.floor((5 * done) / maps.length)]! };
    visitLeaves(stage, maps[which]!, (leaf, taps) => void learner.code(nowhere, leaf, taps));
  });
  return (map) => costOf(stage, modelOf(structuredClone(state), defaultRates), map, books);
}

function costOf(stage: Stage, model: PlaneModel, map: LeafMap, { members }: Codebooks): Float64Array {
  const bits = new Float64Array(map.width * map.height);
  visitLeaves(stage, map, (leaf, taps, at) => {
    model.prepare(taps);
    bits[at] = model.bits(leaf);
    if (stage.isWithinCoarse) {
      // What is left when all codes of other coarse codes are ruled out.
      const possible = members[map.leaves[planes.coarse]![at]!]!;
      bits[at]! += Math.log2(possible.reduce((sum, other) => sum + 2 ** -model.bits(other), 0));
    }
    model.codePrepared(nowhere, leaf);
  });
  return bits;
}

/** A coder that writes nothing: models learn from what passes through. */
const nowhere: BitCoder = { bit: (_, bit) => bit };

/** Calls `visit` with the leaf and the leaves at the taps, −1 where one is outside. */
function visitLeaves(
  stage: Stage,
  { width, height, leaves }: LeafMap,
  visit: (leaf: number, taps: Int32Array, at: number) => void,
): void {
  const taps = new Int32Array(stage.taps.length);
  visitStage(stage, width, height, (x, y) => {
    stage.taps.forEach(({ plane, dx, dy }, tap) => {
      const [column, row] = [x + dx, y + dy];
      const isInside = column >= 0 && column < width && row >= 0 && row < height;
      taps[tap] = isInside ? leaves[plane]![row * width + column]! : -1;
    });
    const at = y * width + x;
    visit(leaves[stage.plane]![at]!, taps, at);
  });
}

function shuffled(count: number, next: () => number): number[] {
  return Array.from({ length: count }, (_, i) => ({ i, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i);
}
