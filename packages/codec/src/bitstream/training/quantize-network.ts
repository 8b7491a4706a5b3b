/**
 * Rounds a trained network to the integers of `mixing/network.ts`.
 *
 * Every tensor gets a power-of-two scale: the one with the smallest squared error, clipping included.
 */
import type { NetworkWeights } from '../mixing/network.ts';

/** A network in floating point; the layouts are those of `NetworkWeights`. */
export interface FloatNetwork {
  readonly embedding: number;
  readonly hidden: number;
  readonly sources: readonly number[];
  readonly codes: readonly Float32Array[];
  readonly first: Float32Array;
  readonly firstBias: Float32Array;
  readonly second: Float32Array;
  readonly secondBias: Float32Array;
  readonly nodes: Float32Array;
  readonly nodeBias: Float32Array;
}

/** Largest magnitude of the int16 weights: twelve bits keep every sum within 32 bits. */
const weightMagnitude = 2047;

/** Largest right shift of a product. */
const maxShift = 20;

/**
 * Rounds a network.
 *
 * @returns Integer weights whose results approximate the network's, in 1/256.
 */
export function quantizeNetwork(network: FloatNetwork): NetworkWeights {
  const codeScale = bestScale(network.codes, 127, 0);
  // The products of the first layer must end at 1/256 after a right shift.
  const firstScale = bestScale([network.first], weightMagnitude, Math.max(0, 8 - codeScale));
  const secondScale = bestScale([network.second], weightMagnitude, 0);
  const nodeScale = bestScale([network.nodes], 127, 0);
  return {
    embedding: network.embedding,
    hidden: network.hidden,
    sources: network.sources,
    codes: network.codes.map((codes) => Int8Array.from(codes, (v) => rounded(v, codeScale, 127))),
    first: Int16Array.from(network.first, (v) => rounded(v, firstScale, weightMagnitude)),
    firstBias: Int16Array.from(network.firstBias, (v) => rounded(v, 8, 32767)),
    second: Int16Array.from(network.second, (v) => rounded(v, secondScale, weightMagnitude)),
    secondBias: Int16Array.from(network.secondBias, (v) => rounded(v, 8, 32767)),
    nodes: Int8Array.from(network.nodes, (v) => rounded(v, nodeScale, 127)),
    nodeBias: Int16Array.from(network.nodeBias, (v) => rounded(v, 8, 32767)),
    shifts: [codeScale + firstScale - 8, secondScale, nodeScale],
  };
}

function rounded(value: number, scale: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, Math.round(value * 2 ** scale)));
}

/** Finds the power of two, at least `least`, that rounds the numbers best. */
function bestScale(tensors: readonly Float32Array[], limit: number, least: number): number {
  let best = least;
  let bestError = Number.POSITIVE_INFINITY;
  for (let scale = least; scale <= Math.min(12, maxShift - 8); scale++) {
    let error = 0;
    for (const tensor of tensors) {
      for (const value of tensor) error += (value - rounded(value, scale, limit) / 2 ** scale) ** 2;
    }
    if (error < bestError) {
      best = scale;
      bestError = error;
    }
  }
  return best;
}
