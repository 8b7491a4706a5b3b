/**
 * Trains the network of a prior, in floating point, by stochastic gradient descent over index maps.
 *
 * The model and its clamps are those of `mixing/network.ts`. Every index is one step of AdaGrad (Duchi et al. 2011),
 * which suits code vectors and decision vectors that are seen rarely; the rate falls linearly. Training happens once, on
 * one machine: only its quantized result takes part in coding, so floating point is no danger here.
 */

import type { NetworkWeights } from '../mixing/network.ts';
import { depthOf } from '../mixing/profile.ts';
import { quantizeNetwork } from './quantize-network.ts';
import { createRandom, type Random } from './random.ts';

/** The shape of a network and of its training. */
export interface NetworkOptions {
  /** Numbers per code vector; default 16. */
  readonly embedding?: number;
  /** Numbers per hidden layer; default 48. */
  readonly hidden?: number;
  /** Passes over the maps; default 3. */
  readonly epochs?: number;
  /** First step size of AdaGrad; default 0.03. */
  readonly learningRate?: number;
}

/** Leaky slope below zero, a shift by three in the integer network. */
const leak = 1 / 8;
/** Clamps of the hidden layers, those of the integer network divided by 256. */
const firstClamp = 4095 / 256;
const secondClamp = 511 / 256;

/** Indices whose gradients of the dense layers are added up before they take a step. */
const batch = 16;

/** Parameters with their sums of squared gradients, and the gradient of the batch so far. */
interface Parameters {
  readonly values: Float32Array;
  readonly squares: Float32Array;
  readonly gradients: Float32Array;
}

function parameters(size: number, spread: number, random: Random): Parameters {
  const values = Float32Array.from({ length: size }, () => spread * random.normal());
  return { values, squares: new Float32Array(size).fill(1e-3), gradients: new Float32Array(size) };
}

/** A network in training: `learn` takes one step on one index. */
export class NetworkTrainer {
  readonly #sources: readonly number[];
  readonly #tapSource: readonly number[];
  readonly #sourceSizes: readonly number[];
  readonly #depth: number;
  readonly #size: number;
  readonly #embedding: number;
  readonly #hidden: number;
  readonly #codes: readonly Parameters[];
  readonly #first: Parameters;
  readonly #firstBias: Parameters;
  readonly #second: Parameters;
  readonly #secondBias: Parameters;
  readonly #nodes: Parameters;
  readonly #nodeBias: Parameters;
  readonly #input: Float32Array;
  readonly #one: Float32Array;
  readonly #two: Float32Array;
  readonly #oneGradient: Float32Array;
  readonly #twoGradient: Float32Array;
  readonly #rows: Int32Array;
  readonly #twoClamped: Float32Array;
  #pending = 0;

  /**
   * @param size  Codebook size K of the plane.
   * @param tapPlanes  The plane of every tap.
   * @param codebookSizes  K of every plane.
   */
  constructor(
    size: number,
    tapPlanes: readonly number[],
    codebookSizes: readonly number[],
    { embedding = 16, hidden = 48 }: NetworkOptions,
    seed: number,
  ) {
    const random = createRandom(seed);
    this.#size = size;
    this.#depth = depthOf(size);
    this.#embedding = embedding;
    this.#hidden = hidden;
    this.#sources = [...new Set(tapPlanes)];
    this.#tapSource = tapPlanes.map((plane) => this.#sources.indexOf(plane));
    this.#sourceSizes = this.#sources.map((plane) => codebookSizes[plane]!);
    const inputs = tapPlanes.length * embedding;
    this.#codes = this.#sourceSizes.map((k) => parameters((k + 1) * embedding, 0.5, random));
    this.#first = parameters(inputs * hidden, 1 / Math.sqrt(inputs), random);
    this.#firstBias = parameters(hidden, 0, random);
    this.#second = parameters(hidden * hidden, 0.5 / Math.sqrt(hidden), random);
    this.#secondBias = parameters(hidden, 0, random);
    this.#nodes = parameters(hidden << this.#depth, 0, random);
    this.#nodeBias = parameters(1 << this.#depth, 0, random);
    this.#input = new Float32Array(inputs);
    this.#one = new Float32Array(hidden);
    this.#two = new Float32Array(hidden);
    this.#oneGradient = new Float32Array(hidden);
    this.#twoGradient = new Float32Array(hidden);
    this.#rows = new Int32Array(tapPlanes.length);
    this.#twoClamped = new Float32Array(hidden);
  }

  /**
   * Takes one step and returns the code length of the leaf before it, in bits.
   *
   * @param taps  Leaves at the taps, −1 for none.
   */
  learn(leaf: number, taps: Int32Array, rate: number): number {
    this.#forward(taps);
    const bits = this.#walk(leaf, rate);
    this.#backward(rate);
    this.#pending++;
    if (this.#pending === batch) this.#apply(rate);
    return bits;
  }

  /** Returns the integer network. */
  quantize(): NetworkWeights {
    return quantizeNetwork({
      embedding: this.#embedding,
      hidden: this.#hidden,
      sources: this.#sources,
      codes: this.#codes.map((c) => c.values),
      first: this.#first.values,
      firstBias: this.#firstBias.values,
      second: this.#second.values,
      secondBias: this.#secondBias.values,
      nodes: this.#nodes.values,
      nodeBias: this.#nodeBias.values,
    });
  }

  #forward(taps: Int32Array): void {
    const E = this.#embedding;
    const H = this.#hidden;
    const one = this.#one;
    const two = this.#two;
    const first = this.#first.values;
    const second = this.#second.values;
    one.set(this.#firstBias.values);
    for (let t = 0; t < taps.length; t++) {
      const source = this.#tapSource[t]!;
      const row = (taps[t]! < 0 ? this.#sourceSizes[source]! : taps[t]!) * E;
      this.#rows[t] = row;
      const codes = this.#codes[source]!.values;
      for (let e = 0; e < E; e++) {
        const value = codes[row + e]!;
        this.#input[t * E + e] = value;
        for (let j = 0, at = (t * E + e) * H; j < H; j++) one[j]! += value * first[at + j]!;
      }
    }
    two.set(this.#secondBias.values);
    for (let i = 0; i < H; i++) {
      const raw = one[i]!;
      const value = raw < 0 ? Math.max(leak * raw, -firstClamp) : Math.min(raw, firstClamp);
      one[i] = value;
      for (let j = 0, at = i * H; j < H; j++) two[j]! += value * second[at + j]!;
    }
  }

  /** Walks the tree, updates its vectors and collects the gradient at the second layer. */
  #walk(leaf: number, rate: number): number {
    const H = this.#hidden;
    const two = this.#two;
    const gradient = this.#twoGradient.fill(0);
    const clamped = this.#twoClamped;
    for (let j = 0; j < H; j++) clamped[j] = Math.max(-secondClamp, Math.min(secondClamp, two[j]!));
    const { values, squares } = this.#nodes;
    let bits = 0;
    let node = 1;
    for (let level = 0; level < this.#depth; level++) {
      const rest = this.#depth - level;
      const right = ((node * 2 + 1) << (rest - 1)) - (1 << this.#depth);
      if (right >= this.#size) {
        node *= 2;
        continue;
      }
      const bit = (leaf >> (rest - 1)) & 1;
      const at = node * H;
      let logit = this.#nodeBias.values[node]!;
      for (let j = 0; j < H; j++) logit += values[at + j]! * clamped[j]!;
      const p = Math.max(5e-4, Math.min(1 - 5e-4, 1 / (1 + Math.exp(-logit))));
      bits -= Math.log2(bit === 1 ? p : 1 - p);
      const error = bit - p;
      for (let j = 0; j < H; j++) {
        gradient[j]! += error * values[at + j]!;
        const g = error * clamped[j]!;
        squares[at + j]! += g * g;
        values[at + j]! += (rate * g) / Math.sqrt(squares[at + j]!);
      }
      step(this.#nodeBias, node, error, rate);
      node = node * 2 + bit;
    }
    // A clamped unit still gets a little gradient, or it could never come back.
    for (let j = 0; j < H; j++) if (clamped[j] !== two[j]) gradient[j]! *= 0.1;
    return bits;
  }

  #apply(rate: number): void {
    for (const layer of [this.#first, this.#firstBias, this.#second, this.#secondBias]) stepAll(layer, rate);
    this.#pending = 0;
  }

  #backward(rate: number): void {
    const E = this.#embedding;
    const H = this.#hidden;
    const one = this.#one;
    const oneGradient = this.#oneGradient;
    const twoGradient = this.#twoGradient;
    const second = this.#second;
    for (let i = 0; i < H; i++) {
      const value = one[i]!;
      let sum = 0;
      for (let j = 0, at = i * H; j < H; j++) {
        sum += twoGradient[j]! * second.values[at + j]!;
        second.gradients[at + j]! += twoGradient[j]! * value;
      }
      oneGradient[i] = value < 0 ? leak * sum : sum;
    }
    for (let j = 0; j < H; j++) {
      this.#secondBias.gradients[j]! += twoGradient[j]!;
      this.#firstBias.gradients[j]! += oneGradient[j]!;
    }
    const first = this.#first;
    for (let i = 0; i < this.#input.length; i++) {
      const value = this.#input[i]!;
      let sum = 0;
      for (let j = 0, at = i * H; j < H; j++) {
        sum += oneGradient[j]! * first.values[at + j]!;
        first.gradients[at + j]! += oneGradient[j]! * value;
      }
      const tap = Math.floor(i / E);
      step(this.#codes[this.#tapSource[tap]!]!, this.#rows[tap]! + (i % E), sum, rate);
    }
  }
}

/** One AdaGrad step of every number of a dense layer. */
function stepAll({ values, squares, gradients }: Parameters, rate: number): void {
  for (let i = 0; i < values.length; i++) {
    const gradient = gradients[i]!;
    gradients[i] = 0;
    squares[i]! += gradient * gradient;
    values[i]! += (rate * gradient) / Math.sqrt(squares[i]!);
  }
}

/** One AdaGrad step of one number, uphill. */
function step({ values, squares }: Parameters, at: number, gradient: number, rate: number): void {
  squares[at]! += gradient * gradient;
  values[at]! += (rate * gradient) / Math.sqrt(squares[at]!);
}
