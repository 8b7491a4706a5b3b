/**
 * Filling in lost indices by a transformer that has learned what index maps look like. It conceals, it never decodes: what
 * arrived stays as it is.
 *
 *   indices, lost → windows of 32×32 → transformer → an index of every position, and how sure it is → the holes
 *
 * Measured in `packages/weights/photo-transformer/README.md`: codes of what surrounds a hole, chosen by the network, restore
 * better than copies of the nearest, and keep the texture that means of the whole codebook lose.
 */
import { type Backend, compile, type Tensor, tidy, workPerTurn } from '@vqkit/core';
import { fromTensor, type Raster, runTiled, toTensor } from '@vqkit/images';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { fillSurest, type Guesses, holesAfter, type OpenMap } from '@vqkit/tokenizer/generation';
import type { Conceal, ConcealGrid } from '../conceal.ts';
import { CodecError } from '../errors.ts';
import { numberOption } from '../options.ts';
import { codesInSight, sights } from './codes-in-sight.ts';
import { checkGuess, type Guess, guessOf } from './guess.ts';
import { type IndexTransformerModel, loadIndexTransformer } from './weights.ts';

/** Options of `transformerConceal`. */
export interface TransformerConcealOptions {
  /** Where the network runs; it stays the caller's. */
  readonly backend: Backend;
  /** Runs of the network, 1 to 64: with several the surest guesses are fixed first and help with the others. Default 1. */
  readonly passes?: number;
  /** Which code stands for what the network expects. Default 'nearby'; 'expected' where nothing at all arrived. */
  readonly guess?: Guess;
  readonly signal?: AbortSignal;
}

/** A concealer with a compiled network. */
export interface TransformerConceal extends Conceal {
  /** Id of the weights whose indices it completes. */
  readonly tokenizer: string;
  /** Frees what was compiled; the backend lives on. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Positions: what a network of a few million parameters sees at once, and context on each side that is not kept. */
const windows = { window: 32, halo: 4 };

/**
 * Opens the weights of an index transformer as a concealer. It takes maps of one index a position, of the weights that it
 * was trained for and any of their codebooks.
 *
 * @returns What `createCodec` takes as `conceal`. It throws CodecError `MODEL_MISMATCH` for indices of other weights,
 *   `PLANES_UNSUPPORTED`, `CONCEALER_DISPOSED`; the signal's reason, between windows.
 * @throws CodecError `MODEL_MISMATCH`, `OPTIONS_INVALID`; TokenizerError `MANIFEST_INVALID`, `WEIGHTS_DAMAGED`; the signal's reason.
 *
 * @example
 * const conceal = await transformerConceal(weights, { backend });
 * const codec = await createCodec(photo, { backend, conceal });
 */
export async function transformerConceal(
  weights: WeightsPackage,
  { backend, passes: given, guess: kind = 'nearby', signal: opening }: TransformerConcealOptions,
): Promise<TransformerConceal> {
  const passes = numberOption('passes', given, { min: 1, max: 64 }) ?? 1;
  checkGuess(kind);
  const model = await loadIndexTransformer(weights, { signal: opening });
  const guess = compile(
    (map: Tensor, codebookSize: number, own: Guess): Tensor => guessOf(model, map, codebookSize, own),
    { cacheSize: 4, workPerTurn },
  );
  let isDisposed = false;
  const dispose = (): void => {
    isDisposed = true;
    guess.dispose();
  };

  /** Guesses of all positions of windows with holes; of others 0. */
  const guesses = async ({ indices, holes }: OpenMap, { width, height, ...grid }: ConcealGrid): Promise<Guesses> => {
    const { signal } = grid;
    const own = kind === 'nearby' && !holes.includes(0) ? 'expected' : kind;
    const input = inputOf({ indices, holes }, width, height);
    const onPart = async (part: Raster<Uint32Array>): Promise<Raster<Float32Array>> => {
      const size = part.width * part.height;
      if (!Array.from({ length: size }, (_, at) => part.data[at * input.channels + 1]).includes(1))
        return { ...part, channels: 2, data: new Float32Array(2 * size) };
      const output = tidy(() => guess(toTensor(backend, [part]), grid.codebookSizes[0]!, own));
      try {
        return (await fromTensor<Float32Array>(output, { signal }))[0]!;
      } finally {
        output.dispose();
      }
    };
    const pairs = (await runTiled(input, onPart, { ...windows, signal })).data;
    const part = (which: number): Float32Array => pairs.filter((_, i) => i % 2 === which);
    return { indices: part(0), sureness: part(1) };
  };

  const conceal: Conceal = async (indices, lost, grid) => {
    if (isDisposed) throw disposed();
    checkGrid(model, grid);
    let map: OpenMap = { indices, holes: lost };
    const count = lost.reduce((sum, flag) => sum + flag, 0);
    for (let pass = 1; pass <= passes; pass++)
      map = fillSurest(map, await guesses(map, grid), holesAfter(count, pass, passes));
    return map.indices;
  };
  return Object.assign(conceal, { tokenizer: model.manifest.tokenizer, dispose, [Symbol.dispose]: dispose });
}

/** What `guessOf` takes. */
function inputOf({ indices, holes }: OpenMap, width: number, height: number): Raster<Uint32Array> {
  const seen = codesInSight(indices, holes, width, height);
  const channels = 2 + sights;
  const data = new Uint32Array(channels * indices.length);
  for (let at = 0; at < indices.length; at++)
    data.set([indices[at]!, holes[at]!, ...seen.subarray(sights * at, sights * (at + 1))], channels * at);
  return { data, width, height, channels };
}

function checkGrid({ manifest, codebooks }: IndexTransformerModel, { codebookSizes, modelId }: ConcealGrid): void {
  if (codebookSizes.length !== 1) {
    throw new CodecError({
      code: 'PLANES_UNSUPPORTED',
      message: `expected indices of one plane, got ${codebookSizes.length}`,
      fix: 'Conceal these from neighbours: concealLost, the default of createCodec',
    });
  }
  if (modelId !== manifest.tokenizer || !Object.hasOwn(codebooks, codebookSizes[0]!)) {
    throw new CodecError({
      code: 'MODEL_MISMATCH',
      message: `expected indices of the weights '${manifest.tokenizer}' with ${manifest.codebookSizes!.join(', ')} codes, got ${codebookSizes[0]} codes of '${modelId}'`,
      fix: 'Use the transformer that was trained for these weights, or concealLost',
    });
  }
}

function disposed(): CodecError {
  return new CodecError({
    code: 'CONCEALER_DISPOSED',
    message: 'expected a concealer that is in use, got one after dispose()',
    fix: 'Make a new one with transformerConceal, and dispose it after the codec',
  });
}
