/**
 * The codes nearest to each feature, as candidates of the choice by rate and distortion. What is near a feature is near the code that
 * is nearest to it, so only that code's neighbours are looked at; they are found once per code.
 */
import type { Steps } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { IndexMap } from '@vqkit/tokenizer';
import type { Candidates } from '../bitstream/index.ts';

/** Candidates per position, and neighbours of a code that are looked at for them. */
const [candidateCount, neighbourCount] = [8, 24];

/** Positions of a step: the neighbours of as many codes may have to be found, each among all. */
const turnAfter = 64;

/**
 * Finds candidates, in steps.
 *
 * @param features  f32 `[h, w, D]`.
 * @param map  What the quantizer chose, one plane: the first candidate of each position, and the only one where it is not the nearest.
 * @param vectors  The codes, f32 `[K, D]`.
 */
export function* nearestCodes(features: Raster<Float32Array>, map: IndexMap, vectors: Float32Array): Steps<Candidates> {
  const { data, width, height, channels: dimension } = features;
  const codebookSize = vectors.length / dimension;
  const count = Math.min(candidateCount, codebookSize);
  const indices = new Uint32Array(width * height * count);
  const errors = new Float32Array(width * height * count).fill(Number.POSITIVE_INFINITY);
  const all = Uint32Array.from({ length: codebookSize }, (_, code) => code);
  const neighbours = new Map<number, Uint32Array>();
  for (let at = 0; at < width * height; at++) {
    if (at % turnAfter === 0) yield;
    const own = map.planes[0]![at]!;
    const near =
      neighbours.get(own) ?? closest(vectors, own * dimension, all, Math.min(neighbourCount, codebookSize)).codes;
    neighbours.set(own, near);
    const found = closest(data, at * dimension, near, count);
    const isNearest = found.codes[0] === own;
    indices.set(isNearest ? found.codes : [own], at * count);
    errors.set(isNearest ? found.distances : [distance(data, at * dimension, own)], at * count);
  }
  return { width, height, codebookSize, count, indices, errors };

  function distance(from: Float32Array, start: number, code: number, limit = Number.POSITIVE_INFINITY): number {
    let sum = 0;
    for (let d = 0, to = code * dimension; d < dimension && sum < limit; d++) {
      const difference = from[start + d]! - vectors[to + d]!;
      sum += difference * difference;
    }
    return sum;
  }

  /** The `most` codes of a list that are closest to a vector, ascending; of equally close ones the first. */
  function closest(from: Float32Array, start: number, codes: Uint32Array, most: number) {
    const best = new Uint32Array(most);
    const distances = new Float32Array(most).fill(Number.POSITIVE_INFINITY);
    for (const code of codes) {
      const own = distance(from, start, code, distances[most - 1]!);
      let to = most - 1;
      if (!(own < distances[to]!)) continue;
      for (; to > 0 && distances[to - 1]! > own; to--) {
        best[to] = best[to - 1]!;
        distances[to] = distances[to - 1]!;
      }
      best[to] = code;
      distances[to] = own;
    }
    return { codes: best, distances };
  }
}

/** Squared distance of features `[h, w, D]` to the codes of a map of one plane, summed. */
export function quantizationError(
  { data, channels }: Raster<Float32Array>,
  map: IndexMap,
  vectors: Float32Array,
): number {
  const codes = map.planes[0]!;
  return data.reduce((sum, value, i) => {
    const code = codes[Math.floor(i / channels)]!;
    return sum + (value - vectors[code * channels + (i % channels)]!) ** 2;
  }, 0);
}
