/**
 * The model of one plane: predicts an index as a walk down a binary tree, one decision at a time.
 *
 * The codes are the leaves of a tree of depth ⌈log2 K⌉ whose first decisions separate coarse clusters. Every decision has
 * several votes: counters selected by the node alone, by whether the neighbours took the same path, by leading bits of
 * neighbours; and, where the prior has one, an integer network. A mixer adds the votes in the logistic domain with
 * weights that it keeps adjusting (gated by level and by how often a counter was used): PAQ's logistic mixing (Mahoney
 * 2005) in integers. Encoder and decoder run the same code, so both see the same probabilities.
 */
import type { LogisticTables } from '../entropy/logistic.ts';
import type { BitCoder } from '../entropy/range-coder.ts';
import { countClasses } from './counters.ts';
import type { Network } from './network.ts';
import {
  agreements,
  type CounterLayout,
  counterLayout,
  fixedVotes,
  type PlaneState,
  type Rates,
  weightLimit,
} from './plane-state.ts';
import { depthOf, type PlaneProfile } from './profile.ts';

/** Tables shared by the models of a stream. */
export interface SharedTables {
  readonly logistic: LogisticTables;
  /** Step of a counter by count, 1/32768. */
  readonly steps: Int32Array;
  /** Class of a count. */
  readonly classes: Uint8Array;
}

/** What a plane model is made from. */
export interface PlaneModelOptions {
  readonly plane: number;
  readonly codebookSizes: readonly number[];
  readonly profile: PlaneProfile;
  readonly state: PlaneState;
  readonly rates: Rates;
  readonly network: Network | undefined;
  readonly tables: SharedTables;
}

/** Codes the leaves of one plane. Its state changes with every decision. */
export class PlaneModel {
  readonly size: number;
  readonly depth: number;
  readonly profile: PlaneProfile;
  readonly state: PlaneState;
  rates: Rates;
  readonly #network: Network | undefined;
  readonly #tables: SharedTables;
  readonly #layout: CounterLayout;
  readonly #votes: number;
  /** Taps of this plane, the candidates for agreement. */
  readonly #own: readonly number[];
  /** Per context and part: tap, right shift, number of states. */
  readonly #parts: readonly (readonly { tap: number; shift: number; radix: number }[])[];
  readonly #nodeBits: readonly number[];
  readonly #bases: Int32Array;
  readonly #slots: Int32Array;
  readonly #inputs: Int32Array;
  readonly #chosen: Int32Array;
  /** Bits of a 0 and of a 1 at the nodes that `bits` has met, and at which index that was. */
  #known: { readonly bits: Float64Array; readonly at: Int32Array } | undefined;
  #at = 0;
  #taps: Int32Array = new Int32Array(0);

  constructor({ plane, codebookSizes, profile, state, rates, network, tables }: PlaneModelOptions) {
    this.size = codebookSizes[plane]!;
    this.depth = depthOf(this.size);
    this.profile = profile;
    this.state = state;
    this.rates = rates;
    this.#network = network;
    this.#tables = tables;
    const tapDepths = profile.taps.map((tap) => depthOf(codebookSizes[tap.plane]!));
    this.#layout = counterLayout(this.depth, tapDepths, profile);
    this.#votes = profile.contexts.length + fixedVotes;
    this.#own = profile.taps.flatMap((tap, i) => (tap.plane === plane ? [i] : [])).slice(0, 8);
    this.#parts = profile.contexts.map(({ parts }) =>
      parts.map(({ tap, bits }) => {
        const kept = Math.min(bits, tapDepths[tap]!);
        return { tap, shift: tapDepths[tap]! - kept, radix: (1 << kept) + 1 };
      }),
    );
    this.#nodeBits = profile.contexts.map(({ nodeBits }) => Math.min(nodeBits, this.depth));
    this.#bases = new Int32Array(profile.contexts.length);
    this.#slots = new Int32Array(this.#votes);
    this.#inputs = new Int32Array(this.#votes);
    this.#chosen = new Int32Array(this.#votes);
  }

  /**
   * Codes one leaf.
   *
   * @param coder  Either direction.
   * @param leaf  The leaf, for an encoder; anything for a decoder.
   * @param taps  The leaves at the taps, −1 where there is none.
   * @returns The leaf.
   */
  code(coder: BitCoder, leaf: number, taps: Int32Array): number {
    this.prepare(taps);
    return this.codePrepared(coder, leaf);
  }

  /** Codes one leaf with the taps of the last `prepare`. */
  codePrepared(coder: BitCoder, leaf: number): number {
    let node = 1;
    for (let level = 0; level < this.depth; level++) {
      const wanted = (leaf >> (this.depth - level - 1)) & 1;
      node = node * 2 + (this.#isForced(node, level) ? 0 : this.#decide(coder, wanted, node, level));
    }
    return node - (1 << this.depth);
  }

  /** Bits that a leaf would take with the taps of the last `prepare`. Nothing is learned. */
  bits(leaf: number): number {
    this.#known ??= { bits: new Float64Array(2 << this.depth), at: new Int32Array(1 << this.depth) };
    const { bits, at } = this.#known;
    let sum = 0;
    for (let level = 0, node = 1; level < this.depth; level++) {
      const bit = (leaf >> (this.depth - level - 1)) & 1;
      if (!this.#isForced(node, level)) {
        if (at[node] !== this.#at) {
          at[node] = this.#at;
          const p = this.#predict(node, level) / 65536;
          bits[2 * node] = -Math.log2(1 - p);
          bits[2 * node + 1] = -Math.log2(p);
        }
        sum += bits[2 * node + bit]!;
      }
      node = node * 2 + bit;
    }
    return sum;
  }

  /** Whether the right side of a node has no leaves, so that nothing has to be decided. */
  #isForced(node: number, level: number): boolean {
    return ((node * 2 + 1) << (this.depth - level - 1)) - (1 << this.depth) >= this.size;
  }

  /** Works out what is the same for all decisions of an index. `taps` must stay as they are until it is coded. */
  prepare(taps: Int32Array): void {
    this.#taps = taps;
    this.#at++;
    for (let c = 0; c < this.#parts.length; c++) {
      let value = 0;
      for (const { tap, shift, radix } of this.#parts[c]!) {
        const leaf = taps[tap]!;
        value = value * radix + (leaf < 0 ? radix - 1 : leaf >> shift);
      }
      this.#bases[c] = this.#layout.contexts[c]! + (value << this.#nodeBits[c]!);
    }
    this.#network?.prepare(taps);
  }

  /** Finds the counters of a decision: one per vote, −1 for votes without one. */
  #locate(node: number, level: number): void {
    const [taps, slots] = [this.#taps, this.#slots];
    const rest = this.depth - level;
    let near = 0;
    let zeros = 0;
    let ones = 0;
    for (let i = 0; i < this.#own.length; i++) {
      const leaf = taps[this.#own[i]!]!;
      let outcome = 0;
      if (leaf >= 0 && (leaf + (1 << this.depth)) >> rest === node) {
        outcome = 1 + ((leaf >> (rest - 1)) & 1);
        if (outcome === 1) zeros++;
        else ones++;
      }
      if (i < 4) near = near * 3 + outcome;
    }
    slots[0] = node;
    slots[1] = this.#layout.near + level * agreements + near;
    slots[2] = this.#layout.counted + level * agreements + zeros * 9 + ones;
    for (let c = 0; c < this.#bases.length; c++)
      slots[3 + c] = level < this.#nodeBits[c]! ? this.#bases[c]! + node : -1;
    slots[this.#votes - 2] = -1;
    slots[this.#votes - 1] = -1;
  }

  #decide(coder: BitCoder, wanted: number, node: number, level: number): number {
    const p = this.#predict(node, level);
    const bit = coder.bit(p, wanted);
    this.#learn(bit, p);
    return bit;
  }

  /** The probability of a 1 at a node, 1/65536; leaves votes and counters where `#learn` looks for them. */
  #predict(node: number, level: number): number {
    this.#locate(node, level);
    const { squash, stretch } = this.#tables.logistic;
    const { probabilities, counts } = this.state.counters;
    const { weights } = this.state;
    const votes = this.#votes;
    const slots = this.#slots;
    const inputs = this.#inputs;
    const chosen = this.#chosen;
    for (let v = 0; v < votes; v++) {
      const slot = slots[v]!;
      let chosenClass = 0;
      let input = 0;
      if (slot >= 0) {
        input = stretch[probabilities[slot]! >>> 4]!;
        chosenClass = this.#tables.classes[counts[slot]!]!;
      } else if (v === votes - 2) {
        input = 256;
      } else if (v === votes - 1 && this.#network !== undefined) {
        input = Math.max(-2047, Math.min(2047, this.#network.logit(node)));
      }
      inputs[v] = input;
      chosen[v] = (level * votes + v) * countClasses + chosenClass;
    }
    let sum = 0;
    for (let v = 0; v < votes; v++) sum += Math.imul(weights[chosen[v]!]!, inputs[v]!) >> 10;
    const x = Math.max(-2047, Math.min(2047, sum >> 6));
    return Math.max(32, Math.min(65504, squash[x + 2048]!));
  }

  /** Moves the counters towards the bit and the weights along the gradient of the code length. */
  #learn(bit: number, p: number): void {
    const { probabilities, counts } = this.state.counters;
    const { weights } = this.state;
    const { countLimit, weightShift } = this.rates;
    const error = bit * 65536 - p;
    const half = 1 << (weightShift - 1);
    const target = bit * 65535;
    for (let v = 0; v < this.#votes; v++) {
      const input = this.#inputs[v]!;
      if (input !== 0) {
        const at = this.#chosen[v]!;
        const next = weights[at]! + ((Math.imul(input, error) + half) >> weightShift);
        weights[at] = Math.max(-weightLimit, Math.min(weightLimit, next));
      }
      const slot = this.#slots[v]!;
      if (slot < 0) continue;
      const old = probabilities[slot]!;
      const count = counts[slot]!;
      probabilities[slot] = old + (Math.imul(target - old, this.#tables.steps[count]!) >> 15);
      if (count < countLimit) counts[slot] = count + 1;
    }
  }
}
