/**
 * What the tests measure on: the data that lies beside the project, the synthetic pair of the golden cases, and
 * PyTorch's random numbers. For tests only.
 */

import { readFileSync } from 'node:fs';
import type { InputImage } from '@vqkit/images';
import { dataPath, lacks } from '../../../../tooling/shared-data.ts';

export { dataPath, lacks };

/** A JSON file of the data folder. */
export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(dataPath(name), 'utf8')) as T;
}

/** The golden synthetic pair: A = (x(3+k) + y(5+2k) + ((xy)>>3)) mod 256, B = ⌊clip(0.9 A + ((7A) mod 13) − 6)⌋. */
export function syntheticPair(height: number, width: number): { a: InputImage<Uint8Array>; b: InputImage<Uint8Array> } {
  const a = new Uint8Array(height * width * 3);
  const b = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const k = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    a[i] = (x * (3 + k) + y * (5 + 2 * k) + ((x * y) >> 3)) % 256;
    b[i] = Math.floor(Math.min(Math.max(0.9 * a[i]! + ((7 * a[i]!) % 13) - 6, 0), 255));
  }
  return { a: { data: a, width, height }, b: { data: b, width, height } };
}

/** The Mersenne Twister MT19937, whose numbers NumPy and PyTorch use. @see Matsumoto & Nishimura 1998 */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const last = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(1812433253, last) + i;
  }
  let at = 624;
  const refill = (): void => {
    for (let i = 0; i < 624; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
      state[i] = state[(i + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === 624) refill();
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** `torch.rand` on the CPU: one generator, then as many numbers as wanted, in row-major order. */
export function torchRand(seed: number): (count: number) => Float32Array {
  const next = mersenneTwister(seed);
  return (count) => Float32Array.from({ length: count }, () => (next() & 0xffffff) * 2 ** -24);
}

/** From PyTorch's `[N, C, H, W]` to `[N, H, W, C]`. */
export function toNhwc(data: Float32Array, [n, c, h, w]: readonly [number, number, number, number]): Float32Array {
  const result = new Float32Array(data.length);
  let from = 0;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++) for (let p = 0; p < h * w; p++) result[(i * h * w + p) * c + k] = data[from++]!;
  return result;
}

/** `numpy.random.RandomState(seed).randn`: the polar method on 53-bit numbers; the second of each pair comes first. */
export function numpyRandn(seed: number): () => number {
  const next = mersenneTwister(seed);
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      spare = factor * x;
      return factor * y;
    }
  };
}
