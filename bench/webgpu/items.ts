/**
 * What is compared: shapes from image tokenizers, with random values of a fixed seed, the number of operations, and a
 * check of a few outputs against sums in float64.
 */
import { random } from '@vqkit/core';

/** A row of the comparison. Images are `[N, H, W, C]`, filters `[3, 3, Cin, Cout]`. */
export type BenchWork =
  | { readonly kind: 'conv'; readonly size: number; readonly channels: number }
  | { readonly kind: 'matmul'; readonly size: number }
  | { readonly kind: 'groupNorm'; readonly size: number; readonly channels: number; readonly groups: number }
  | { readonly kind: 'attention'; readonly tokens: number; readonly heads: number; readonly depth: number }
  | { readonly kind: 'nearestCode'; readonly vectors: number; readonly codes: number; readonly depth: number }
  | { readonly kind: 'decode'; readonly width: number; readonly height: number };

/** Stabiliser of group norm, as in VQGAN. */
export const epsilon = 1e-6;

/** The rows, in the order of the report. */
export const allWork: readonly BenchWork[] = [
  { kind: 'conv', size: 128, channels: 64 },
  { kind: 'conv', size: 64, channels: 128 },
  { kind: 'conv', size: 32, channels: 256 },
  { kind: 'matmul', size: 512 },
  { kind: 'matmul', size: 1024 },
  { kind: 'groupNorm', size: 128, channels: 128, groups: 32 },
  { kind: 'attention', tokens: 1024, heads: 8, depth: 32 },
  { kind: 'nearestCode', vectors: 65_536, codes: 1024, depth: 64 },
  { kind: 'nearestCode', vectors: 1_048_576, codes: 1024, depth: 64 },
  { kind: 'decode', width: 768, height: 512 },
];

/** A row's name. */
export function nameOf(work: BenchWork): string {
  switch (work.kind) {
    case 'conv':
      return `conv 3×3, ${work.channels}→${work.channels} at ${work.size}²`;
    case 'matmul':
      return `matmul ${work.size}`;
    case 'groupNorm':
      return `group norm + SiLU, ${work.channels} at ${work.size}²`;
    case 'attention':
      return `attention, ${work.tokens} tokens, ${work.heads}×${work.depth}`;
    case 'nearestCode':
      return `nearestCode, N = ${work.vectors}, K = ${work.codes}, D = ${work.depth}`;
    case 'decode':
      return `photo tokenizer, decode ${work.width}×${work.height}`;
  }
}

/** Floating-point operations of the products in a row; undefined where memory counts, or the network. */
export function flopsOf(work: BenchWork): number | undefined {
  switch (work.kind) {
    case 'conv':
      return 2 * work.size ** 2 * 9 * work.channels ** 2;
    case 'matmul':
      return 2 * work.size ** 3;
    case 'attention':
      return 4 * work.heads * work.tokens ** 2 * work.depth;
    case 'nearestCode':
      return 2 * work.vectors * work.codes * work.depth;
    default:
      return undefined;
  }
}

/** Input values of a row, in the order in which the contestants take them. */
export function inputsOf(work: BenchWork): readonly Float32Array[] {
  const stream = random(11);
  const noise = (size: number, low = -1, high = 1): Float32Array => stream.uniformArray(size, low, high);
  switch (work.kind) {
    case 'conv':
      return [noise(work.size ** 2 * work.channels), noise(9 * work.channels ** 2)];
    case 'matmul':
      return [noise(work.size ** 2), noise(work.size ** 2)];
    case 'groupNorm':
      return [noise(work.size ** 2 * work.channels, -1, 3), noise(work.channels), noise(work.channels)];
    case 'attention':
      return Array.from({ length: 3 }, () => noise(work.heads * work.tokens * work.depth));
    case 'nearestCode':
      return [noise(work.vectors * work.depth), noise(work.codes * work.depth)];
    case 'decode':
      return [noise((work.width / 16) * (work.height / 16) * 16)];
  }
}

/** What a contestant makes of a row: numbers, or indices for `nearestCode`. */
export type BenchResult = ArrayLike<number>;

/** Outputs that are checked. */
const samples = 48;

/** Where the sampled outputs lie: spread over the result, edges included. */
function placesIn(size: number): number[] {
  return Array.from({ length: samples }, (_, i) => Math.round((i * (size - 1)) / (samples - 1)));
}

/**
 * Fails when a result is wrong.
 *
 * @param decoded  For `decode`, what all must agree with to within 1/255 of the range [−1, 1].
 * @throws Error that names the contestant, the place and both values.
 */
export function checkResult(who: string, work: BenchWork, result: BenchResult, decoded?: BenchResult): void {
  const inputs = inputsOf(work);
  for (const at of placesIn(result.length)) {
    const { expected, tolerance } = expectedAt(work, inputs, at, result[at]!, decoded);
    if (Math.abs(result[at]! - expected) <= tolerance) continue;
    throw new Error(`${who}, ${nameOf(work)}: expected ${expected} at ${at}, got ${result[at]}`);
  }
}

function expectedAt(
  work: BenchWork,
  inputs: readonly Float32Array[],
  at: number,
  actual: number,
  decoded: BenchResult | undefined,
): { expected: number; tolerance: number } {
  switch (work.kind) {
    case 'conv':
      // 5e-4: float32 sums of up to 2304 products, whose total is about 25.
      return { expected: convAt(inputs, work.size, work.channels, at), tolerance: 5e-4 };
    case 'matmul':
      return { expected: dot(inputs[0]!, inputs[1]!, work.size, at), tolerance: 5e-4 };
    case 'groupNorm':
      return { expected: groupNormAt(inputs, work.size ** 2, work.channels, work.groups, at), tolerance: 1e-4 };
    case 'attention':
      return { expected: attentionAt(inputs, work.tokens, work.depth, at), tolerance: 1e-4 };
    case 'nearestCode':
      // Codes at distances equal up to float32 rounding are equally right.
      return nearestAt(inputs, work.codes, work.depth, at, actual);
    case 'decode':
      return { expected: decoded?.[at] ?? actual, tolerance: 2 / 255 };
  }
}

function convAt([x, filter]: readonly Float32Array[], size: number, channels: number, at: number): number {
  const column = at % channels;
  const pixel = Math.floor(at / channels);
  let sum = 0;
  for (let tap = 0; tap < 9; tap++) {
    const row = Math.floor(pixel / size) + Math.floor(tap / 3) - 1;
    const col = (pixel % size) + (tap % 3) - 1;
    if (row < 0 || col < 0 || row >= size || col >= size) continue;
    for (let c = 0; c < channels; c++) {
      sum += x![(row * size + col) * channels + c]! * filter![(tap * channels + c) * channels + column]!;
    }
  }
  return sum;
}

function dot(a: Float32Array, b: Float32Array, size: number, at: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += a[Math.floor(at / size) * size + k]! * b[k * size + (at % size)]!;
  return sum;
}

function groupNormAt(
  [x, scale, shift]: readonly Float32Array[],
  pixels: number,
  channels: number,
  groups: number,
  at: number,
): number {
  const width = channels / groups;
  const channel = at % channels;
  const first = Math.floor(channel / width) * width;
  let sum = 0;
  let squares = 0;
  for (let p = 0; p < pixels; p++) {
    for (let c = first; c < first + width; c++) {
      const value = x![p * channels + c]!;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / (pixels * width);
  const variance = squares / (pixels * width) - mean * mean;
  const y = ((x![at]! - mean) / Math.sqrt(variance + epsilon)) * scale![channel]! + shift![channel]!;
  return y / (1 + Math.exp(-y));
}

function attentionAt([q, k, v]: readonly Float32Array[], tokens: number, depth: number, at: number): number {
  const row = Math.floor(at / depth);
  const head = Math.floor(row / tokens) * tokens;
  const scores = Array.from({ length: tokens }, (_, j) => {
    let sum = 0;
    for (let d = 0; d < depth; d++) sum += q![row * depth + d]! * k![(head + j) * depth + d]!;
    return sum / Math.sqrt(depth);
  });
  const best = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.reduce((sum, weight, j) => sum + (weight / total) * v![(head + j) * depth + (at % depth)]!, 0);
}

function nearestAt(
  [x, codebook]: readonly Float32Array[],
  codes: number,
  depth: number,
  at: number,
  actual: number,
): { expected: number; tolerance: number } {
  const distance = (code: number): number => {
    let sum = 0;
    for (let d = 0; d < depth; d++) sum += (x![at * depth + d]! - codebook![code * depth + d]!) ** 2;
    return sum;
  };
  let best = 0;
  for (let code = 1; code < codes; code++) if (distance(code) < distance(best)) best = code;
  const isAsGood = distance(actual) - distance(best) <= 1e-5 * distance(best);
  return { expected: isAsGood ? actual : best, tolerance: 0 };
}
