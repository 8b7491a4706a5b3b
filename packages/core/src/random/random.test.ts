import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { tensor } from '../ops/create.ts';
import { Random, random } from './random.ts';
import { randomBits } from './random-bits.ts';
import { threefryFill } from './threefry.ts';

describe('threefryFill', () => {
  it('gives the published answers of Threefry-2×32 with 20 rounds', () => {
    // Known-answer vectors of the Random123 distribution (kat_vectors, threefry2x32 20).
    const zero = new Uint32Array(2);
    threefryFill(zero, [0, 0], 0);
    expect([...zero]).toEqual([0x6b200159, 0x99ba4efe]);
  });
});

describe('Random', () => {
  it('gives the same words in one piece and in parts of even size', () => {
    const whole = random(5).bits(64);
    const stream = random(5);
    expect([...stream.bits(10), ...stream.bits(54)]).toEqual([...whole]);
  });

  it('goes on from a saved state', () => {
    const stream = random(9);
    stream.bits(7);
    const resumed = Random.fromState(JSON.parse(JSON.stringify(stream.state)));
    expect(resumed.bits(5)).toEqual(stream.bits(5));
  });

  it('splits into streams that differ from each other and from their parent', () => {
    const parent = random(1);
    const words = [parent.split(0), parent.split(1), parent.split(0).split(0), random(1), random(2)].map((r) =>
      r.bits(4).join(),
    );
    expect(new Set(words).size).toBe(5);
    expect(random(1).split(7).bits(4)).toEqual(parent.split(7).bits(4));
  });

  it('has uniform values with the right moments, in range', () => {
    const values = random(3).uniformArray(100_000, -2, 6);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.min(...values.subarray(0, 50_000))).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values.subarray(0, 50_000))).toBeLessThan(6);
    expect(mean).toBeCloseTo(2, 1); // standard error 8/√12/√100000 = 0.007
  });

  it('has normal values with the right moments', () => {
    const values = random(4).normalArray(100_001, 1, 3);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(1, 1);
    expect(variance / 9).toBeCloseTo(1, 1);
  });

  it('permutes without loss', () => {
    const order = random(6).permutation(100);
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect([...order]).not.toEqual([...Array(100).keys()]);
  });
});

describe('randomBits', () => {
  it('makes on the backend the words that the host makes', () => {
    const backend = cpu();
    const key = tensor(backend, Uint32Array.of(11, 0));
    expect(randomBits(key, [3, 5]).dataSync()).toEqual(random(11).bits(15));
  });
});
