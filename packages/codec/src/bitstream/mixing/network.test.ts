import { describe, expect, it } from 'vitest';
import { Network, type NetworkWeights } from './network.ts';

/** Two codes, two numbers each, two hidden numbers, one tap: small enough to work out by hand. */
const weights: NetworkWeights = {
  embedding: 2,
  hidden: 2,
  sources: [0],
  // Code 0, code 1, outside.
  codes: [Int8Array.of(64, -32, 10, 20, 0, 127)],
  // From both numbers of the code vector to both hidden numbers.
  first: Int16Array.of(512, -512, 256, 1024),
  firstBias: Int16Array.of(5, -7),
  second: Int16Array.of(300, -100, 50, 200),
  secondBias: Int16Array.of(1, 2),
  nodes: Int8Array.of(0, 0, 100, -50),
  nodeBias: Int16Array.of(0, -3),
  shifts: [6, 9, 5],
};

describe('the integer network', () => {
  it('computes what its description says', () => {
    const network = new Network(weights, [0]);
    network.prepare(Int32Array.of(0));
    // first layer: (64·512 − 32·256) >> 6 = 384, (−64·512 − 32·1024) >> 6 = −1024; with bias 389 and −1031;
    // leaky: 389 and −1031 >> 3 = −129.
    // second layer: (389·300 − 129·50) >> 9 = 215, (−389·100 − 129·200) >> 9 = −127; with bias 216 and −125.
    // node 1: (216·100 + 125·50) >> 5 = 870; with bias 867.
    expect(network.logit(1)).toBe(867);
  });

  it('has a row for taps outside the picture', () => {
    const network = new Network(weights, [0]);
    network.prepare(Int32Array.of(-1));
    // first layer: 127·256 >> 6 = 508, 127·1024 >> 6 = 2032; with bias 513 and 2025.
    // second layer: (513·300 + 2025·50) >> 9 = 498, (−513·100 + 2025·200) >> 9 = 690; with bias 499 and 692, clamped 511.
    // node 1: (499·100 − 511·50) >> 5 = 760 (24350 / 32); with bias 757.
    expect(network.logit(1)).toBe(757);
  });

  it('clamps the hidden layers', () => {
    const loud = { ...weights, firstBias: Int16Array.of(32767, -32768) };
    const network = new Network(loud, [0]);
    network.prepare(Int32Array.of(1));
    // (4095·300 − 4095·50) >> 9 = 1999 → 511; (−4095·100 − 4095·200) >> 9 = −2400 → −511.
    expect(network.logit(1)).toBe(((511 * 100 + 511 * 50) >> 5) - 3);
  });
});
