/**
 * Trains a prior: runs the coder over index maps and keeps what it has learned.
 *
 * Three things are learned per plane: a frequency table by counting; a network by gradient descent (`network-trainer.ts`);
 * and the counters and weights of the mixing model, by simply coding all maps in a row and storing the adapted state. Half of
 * the maps are coded in packets, so that positions whose neighbours are in other packets are known situations.
 */
import { type Deal, deal } from '../entropy/lattice.ts';
import { layPackets } from '../entropy/lay-packets.ts';
import type { BitCoder } from '../entropy/range-coder.ts';
import { checkInteger } from '../errors.ts';
import { checkIndexMap, type IndexMap } from '../index-map.ts';
import {
  codeLeaves,
  countCounters,
  createPlaneModels,
  createSharedTables,
  createTapReader,
} from '../mixing/mixing-coder.ts';
import { Network, type NetworkWeights } from '../mixing/network.ts';
import { createState, defaultRates, fixedVotes } from '../mixing/plane-state.ts';
import { defaultProfile, depthOf, type PlaneProfile } from '../mixing/profile.ts';
import { checkPriorSizes, invertOrder, normalizeFrequencies } from '../prior/prior.ts';
import { writePrior } from '../prior/write-prior.ts';
import { type NetworkOptions, NetworkTrainer } from './network-trainer.ts';
import { createRandom, type Random } from './random.ts';

/** What training reports after every map. */
export interface TrainPriorProgress {
  readonly phase: 'network' | 'mixing';
  readonly plane: number;
  /** Share of the phase that is done, 0 to 1. */
  readonly done: number;
  /** Code length of the last map under what was known before it, bits per index. */
  readonly bitsPerIndex: number;
}

/** How to train a prior. */
export interface TrainPriorOptions {
  /** Per plane the leaf of every index, e.g. from `clusterOrder`; default: the order of the indices. */
  readonly orders?: readonly (ArrayLike<number> | undefined)[];
  /** Shape and training of the network; `false` for none. */
  readonly network?: NetworkOptions | false;
  /** Taps and contexts per plane; default: `defaultProfile`. */
  readonly profiles?: readonly PlaneProfile[];
  /** Default 1. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainPriorProgress) => void;
}

/** A map as leaves. */
interface LeafMap {
  readonly width: number;
  readonly height: number;
  readonly leaves: readonly Int32Array[];
}

/**
 * Trains a prior for the codebook sizes of the maps.
 *
 * Time per index is about 8 µs for the mixing model, and 40 µs per epoch for a network of default size.
 *
 * @param indexMaps  At least one; all of the same codebook sizes, each at most 32 768.
 * @returns A prior file for `loadPrior`. The same maps, options and machine give the same bytes.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when the maps do not fit together; the signal's reason when it is aborted.
 */
export async function trainPrior(
  indexMaps: readonly IndexMap[],
  options: TrainPriorOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkInteger('Number of index maps', indexMaps.length, 1, 2 ** 31);
  const { codebookSizes } = indexMaps[0]!;
  checkPriorSizes(codebookSizes);
  for (const map of indexMaps) {
    checkIndexMap(map);
    const isSame = map.codebookSizes.join() === codebookSizes.join();
    checkInteger('Codebook sizes equal to those of the first map (1 is yes)', isSame ? 1 : 0, 1, 1);
  }
  const orders = codebookSizes.map((size, plane) => checkOrder(options.orders?.[plane], size, plane));
  const maps = indexMaps.map(({ width, height, planes }) => {
    const leaves = planes.map((indices, plane) => {
      const order = orders[plane];
      return Int32Array.from(indices, (index) => (order ? order[index]! : index));
    });
    return { width, height, leaves };
  });
  const profiles = codebookSizes.map((_, plane) => options.profiles?.[plane] ?? defaultProfile(codebookSizes, plane));
  const networks: (NetworkWeights | undefined)[] = [];
  for (let plane = 0; plane < codebookSizes.length; plane++) {
    networks.push(await trainNetwork(maps, codebookSizes, plane, profiles[plane]!, options));
  }
  const tables = createSharedTables();
  const states = await trainMixing(maps, codebookSizes, profiles, networks, tables, options);
  const contents = codebookSizes.map((size, plane) => {
    const counts = new Uint32Array(size);
    for (const { planes } of indexMaps) for (let i = 0; i < planes[plane]!.length; i++) counts[planes[plane]![i]!]!++;
    const mixing = { profile: profiles[plane]!, rates: defaultRates, state: states[plane]!, network: networks[plane] };
    return { leafOf: orders[plane], frequencies: normalizeFrequencies(counts), mixing };
  });
  return writePrior(codebookSizes, contents, tables.logistic);
}

function checkOrder(order: ArrayLike<number> | undefined, size: number, plane: number): Uint16Array | undefined {
  if (order === undefined) return undefined;
  checkInteger(`Length of the order of plane ${plane}`, order.length, size, size);
  const leafOf = Uint16Array.from(order);
  const isPermutation = invertOrder(leafOf) !== undefined;
  checkInteger(`Order of plane ${plane} a permutation (1 is yes)`, isPermutation ? 1 : 0, 1, 1);
  return leafOf;
}

/** Lets timers and abort signals through. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}

async function trainNetwork(
  maps: readonly LeafMap[],
  codebookSizes: readonly number[],
  plane: number,
  profile: PlaneProfile,
  { network = {}, seed = 1, signal, onProgress }: TrainPriorOptions,
): Promise<NetworkWeights | undefined> {
  const size = codebookSizes[plane]!;
  if (network === false || size < 2) return undefined;
  const { epochs = 3, learningRate = 0.03 } = network;
  const tapPlanes = profile.taps.map((tap) => tap.plane);
  const trainer = new NetworkTrainer(size, tapPlanes, codebookSizes, network, seed);
  const random = createRandom(seed);
  const taps = new Int32Array(profile.taps.length);
  const order = maps.map((_, i) => i);
  const steps = epochs * maps.length;
  for (let done = 0; done < steps; done++) {
    const turn = done % maps.length;
    if (turn === 0) shuffle(order, random.below);
    await breathe(signal);
    const { width, height, leaves } = maps[order[turn]!]!;
    const dealt = randomDeal(width, height, random);
    const read = createTapReader(profile, dealt.lattice, leaves);
    const rate = learningRate * (1 - done / steps) + learningRate / 30;
    let bits = 0;
    for (let packet = 0; packet < dealt.lattice.packets; packet++) {
      dealt.visit(packet, (x, y) => {
        read(x, y, taps);
        bits += trainer.learn(leaves[plane]![y * width + x]!, taps, rate);
      });
    }
    onProgress?.({ phase: 'network', plane, done: (done + 1) / steps, bitsPerIndex: bits / (width * height) });
  }
  return trainer.quantize();
}

/** Most packets of a map in training, as a power of two. */
const mostPackets = 8;

/** One packet for half of the maps, 2 to 256 for the others. */
function randomDeal(width: number, height: number, random: Random): Deal {
  const packets = random.below(2) === 0 ? 1 : Math.round(2 ** (1 + (mostPackets - 1) * random.uniform()));
  return deal(layPackets(width, height, packets));
}

/** Right shifts of the mixer's corrections in the course of training: bold at first, careful at the end. */
const weightShifts = [14, 14, 15, 15, 16] as const;

async function trainMixing(
  maps: readonly LeafMap[],
  codebookSizes: readonly number[],
  profiles: readonly PlaneProfile[],
  networks: readonly (NetworkWeights | undefined)[],
  tables: ReturnType<typeof createSharedTables>,
  { seed = 1, signal, onProgress }: TrainPriorOptions,
) {
  const priors = profiles.map((profile, plane) => {
    const weights = networks[plane];
    const tapPlanes = profile.taps.map((tap) => tap.plane);
    const state = createState(
      depthOf(codebookSizes[plane]!),
      profile.contexts.length + fixedVotes,
      countCounters(codebookSizes, plane, profile),
    );
    return {
      profile,
      rates: defaultRates,
      network: weights && new Network(weights, tapPlanes),
      createState: () => state,
    };
  });
  const models = createPlaneModels(codebookSizes, priors, tables);
  const order = maps.map((_, i) => i);
  const random = createRandom(seed);
  shuffle(order, random.below);
  for (let done = 0; done < maps.length; done++) {
    await breathe(signal);
    const weightShift = weightShifts[Math.floor((done * weightShifts.length) / maps.length)]!;
    for (const model of models) model.rates = { countLimit: 255, weightShift };
    const { width, height, leaves } = maps[order[done]!]!;
    const meter = createMeter();
    const dealt = randomDeal(width, height, random);
    for (let packet = 0; packet < dealt.lattice.packets; packet++) codeLeaves(meter, models, dealt, packet, leaves);
    const bitsPerIndex = meter.bits() / (width * height * codebookSizes.length);
    onProgress?.({ phase: 'mixing', plane: 0, done: (done + 1) / maps.length, bitsPerIndex });
  }
  return models.map((model) => model.state);
}

/** Returns a coder that writes nothing and adds up code lengths. */
function createMeter(): BitCoder & { bits(): number } {
  let bits = 0;
  return {
    bit(p, bit) {
      bits -= Math.log2((bit === 1 ? p : 65536 - p) / 65536);
      return bit;
    },
    bits: () => bits,
  };
}

function shuffle(list: number[], below: (n: number) => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}
