/** What a plane's model learns while it codes: where its counters lie, its weights, and how fast both move. */
import { type Counters, countClasses, createCounters } from './counters.ts';
import type { PlaneProfile } from './profile.ts';

/** Speeds of adaptation. */
export interface Rates {
  /** Uses after which a counter's steps stop shrinking, 1 … 255. */
  readonly countLimit: number;
  /** Right shift of the mixer's corrections, 8 … 24: the larger, the slower. */
  readonly weightShift: number;
}

/** Speeds without a prior. */
export const defaultRates: Rates = { countLimit: 250, weightShift: 14 };

/** Weight 1 of a vote. */
const weightOne = 65536;

/** Largest magnitude of a weight: 8. */
export const weightLimit = 8 * weightOne - 1;

/** First weights of a counter's vote by class of its count, without a prior. */
const initialWeights: readonly number[] = [0, 6554, 9830, 13107, 16384, 19661, 22938, 26214];

/** Votes besides the contexts': the node, near agreement, counted agreement, the constant, the network. */
export const fixedVotes = 5;

/** Agreement situations: three outcomes for four neighbours, and 0 … 8 votes for either side. */
export const agreements = 81;

/** Where the parts of a plane's counter table begin. */
export interface CounterLayout {
  readonly near: number;
  readonly counted: number;
  readonly contexts: readonly number[];
  readonly size: number;
}

/** Lays out the counters of a plane: the nodes, both agreements by level, then the contexts. */
export function counterLayout(depth: number, tapDepths: readonly number[], profile: PlaneProfile): CounterLayout {
  const near = 1 << depth;
  const counted = near + agreements * depth;
  let size = counted + agreements * depth;
  const contexts = profile.contexts.map(({ parts, nodeBits }) => {
    const at = size;
    const states = parts.reduce((n, { tap, bits }) => n * ((1 << Math.min(bits, tapDepths[tap]!)) + 1), 1);
    size += states << Math.min(nodeBits, depth);
    return at;
  });
  return { near, counted, contexts, size };
}

/** The adaptive state of a plane. */
export interface PlaneState {
  readonly counters: Counters;
  /** int32 `[depth, votes, countClasses]`, in 1/65536. */
  readonly weights: Int32Array;
}

/** Returns the state that a plane starts from without a prior. */
export function createState(depth: number, votes: number, counters: number): PlaneState {
  const weights = Int32Array.from({ length: depth * votes * countClasses }, (_, i) => {
    const vote = Math.floor(i / countClasses) % votes;
    if (vote === votes - 2) return 0;
    return vote === votes - 1 ? weightOne >> 1 : initialWeights[i % countClasses]!;
  });
  return { counters: createCounters(counters), weights };
}
