/**
 * Drawing index maps from nothing, or around what is kept: all holes are guessed at once, the surest guesses stay, and the
 * rest is guessed again, fewer at each step.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200, section 3.2 and the published code (choice temperature)
 */
import {
  type Backend,
  compile,
  disposeTree,
  gather,
  reshape,
  stack,
  type Tensor,
  tensor,
  tidy,
  uploadTree,
  workPerTurn,
} from '@vqkit/core';
import { type IndexGeneratorParams, slotTables } from '@vqkit/models';
import { drawCode, gumbel } from './draw-code.ts';
import { fillSurest, holesAfter, type OpenMap } from './fill-surest.ts';
import type { Sampler, SamplerJob, SamplingOptions } from './sampler.ts';
import type { GeneratorModel, LoadedNetwork } from './weights.ts';

const compiling = { cacheSize: 4, workPerTurn };

/** Opens the method. */
export function maskedSampler(
  { network, params }: Extract<LoadedNetwork, { kind: 'masked' }>,
  { tokenizer }: Pick<GeneratorModel, 'tokenizer'>,
  backend: Backend,
  { steps = 12, temperature = 1, topK = Number.POSITIVE_INFINITY, noise = 4.5, guidance = 0 }: SamplingOptions,
): Sampler {
  const { quantizer, params: codes } = tokenizer.rates.at(-1)!;
  const { dimension, codebookSizes } = quantizer;
  const [size, slots] = [codebookSizes[0]!, codebookSizes.length];
  const tables = tidy(() => stack(slotTables(quantizer, uploadTree(backend, codes), backend)));
  const own = (x: Tensor): IndexGeneratorParams => uploadTree(x.backend, params) as IndexGeneratorParams;
  const vectorsOf = (indices: Tensor): Tensor => quantizer.decode(uploadTree(indices.backend, codes), indices);
  const see = compile(
    (indices: Tensor, holes: Tensor, labels: Tensor): Tensor =>
      network.see(own(indices), { vectors: vectorsOf(indices), holes, labels }),
    compiling,
  );
  const score = compile((all: Tensor, expected: Tensor, slot: Tensor, soFar: Tensor): Tensor => {
    const turn = { codes: reshape(gather(all, slot), [size, dimension]), slot, soFar: vectorsOf(soFar) };
    return network.score(own(expected), expected, turn);
  }, compiling);

  /** Guesses of all holes of all maps. */
  const guess = async (maps: readonly OpenMap[], { grid, labels, streams, signal }: SamplerJob, step: number) => {
    const [n, h, w] = [maps.length, grid.height, grid.width];
    const places = h * w;
    const words = (values: ArrayLike<number>, shape: number[]) => tensor(backend, Uint32Array.from(values), shape);
    const indices = words(
      maps.flatMap((map) => [...map.indices]),
      [n, h, w, slots],
    );
    const holes = tensor(backend, Float32Array.from(maps.flatMap((map) => [...map.holes])), [n, h, w, 1]);
    const wanted = [labels, ...(guidance > 0 ? [labels.map(() => network.options.classes)] : [])];
    const expected = wanted.map((of) => tidy(() => see(indices, holes, words(of, [n]))));
    const all = new Uint32Array(n * places * slots);
    const guesses = maps.map((_, i) => ({
      indices: all.subarray(i * places * slots, (i + 1) * places * slots),
      sureness: new Float64Array(places),
    }));
    try {
      for (let slot = 0; slot < slots; slot++) {
        const scored = tidy(() => {
          const [turn, soFar] = [words([slot], [1]), words(all, [n, h, w, slots])];
          return expected.map((one) => score(tables, one, turn, soFar));
        });
        const logits = await readAll(scored, signal);
        maps.forEach((map, i) => {
          const stream = streams[i]!.split(step * slots + slot);
          const { indices: found, sureness } = guesses[i]!;
          for (let place = 0; place < places; place++) {
            if (map.holes[place] === 0) continue;
            const one = guided(logits, (i * places + place) * size, size, guidance);
            const { code, logProbability } = drawCode(one, stream.uniformArray(size), { temperature, topK });
            found[place * slots + slot] = code;
            // Over √S, so that the spread of what is sure does not grow with the slots.
            sureness[place]! += logProbability / Math.sqrt(slots);
          }
        });
      }
    } finally {
      disposeTree([indices, holes, expected]);
    }
    return guesses;
  };

  return {
    steps,
    draw: async (job) => {
      let maps: OpenMap[] = job.labels.map(() => job.start);
      const count = job.start.holes.reduce((sum, flag) => sum + flag, 0);
      for (let step = 1; step <= steps; step++) {
        const guesses = await guess(maps, job, step);
        const left = holesAfter(count, step, steps);
        maps = maps.map((map, i) => {
          const { indices, sureness } = guesses[i]!;
          const uniforms = job.streams[i]!.split(step).split(1).uniformArray(sureness.length);
          const noisy = sureness.map((value, place) => value + noise * (1 - step / steps) * gumbel(uniforms[place]!));
          return fillSurest(map, { indices, sureness: noisy }, left);
        });
        job.onStep();
      }
      return maps.map(({ indices }) => indices);
    },
    dispose: () => {
      see.dispose();
      score.dispose();
      tables.dispose();
    },
  };
}

/** Reads tensors and frees them. */
async function readAll(tensors: readonly Tensor[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
  try {
    return (await Promise.all(tensors.map((x) => x.data({ signal })))) as Float32Array[];
  } finally {
    disposeTree(tensors);
  }
}

/** Logits of a class, away from those of none. @see Ho & Salimans 2022, arXiv:2207.12598 */
function guided([own, none]: readonly Float32Array[], from: number, size: number, guidance: number): Float32Array {
  const logits = own!.subarray(from, from + size);
  return none ? logits.map((value, k) => value + guidance * (value - none[from + k]!)) : logits;
}
