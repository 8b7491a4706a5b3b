/**
 * A generator: new images from a trained network, by way of the index maps that it draws.
 *
 *   seed, class → network, step by step → index map → codes → decoder → image
 *
 * Random numbers are made on the host, of a stream for each image: an image follows from seed and number alone, whatever is
 * drawn beside it, and on every backend, as far as their sums agree (README).
 */
import { type Backend, numberProblem, random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import { TokenizerError } from '../errors.ts';
import { checkIndexMap, type IndexMap, planesOf, positionsOf } from '../index-map.ts';
import { type TokenizerCall, tokenizerOf } from '../tokenizer.ts';
import type { WeightsManifest, WeightsPackage } from '../weights/manifest.ts';
import type { OpenMap } from './fill-surest.ts';
import { flowSampler } from './flow-sampler.ts';
import { maskedSampler } from './masked-sampler.ts';
import type { Sampler, SamplingOptions } from './sampler.ts';
import { type GeneratorModel, type Grid, type LoadGeneratorOptions, loadGenerator } from './weights.ts';

/** Options of `createGenerator`. */
export interface GeneratorOptions extends LoadGeneratorOptions {
  /** Where the networks run; it stays the caller's. */
  readonly backend: Backend;
  /** How maps are drawn. */
  readonly sampling?: SamplingOptions;
}

/** A map to draw into: what has no hole is kept. */
export interface PartOfMap {
  readonly map: IndexMap;
  /** 1 where something is to be drawn, in raster order. */
  readonly holes: Uint8Array;
}

/** Options of `draw`. */
export interface DrawOptions extends TokenizerCall {
  /** A whole number from 0 to 2³² − 1. Default 1. */
  readonly seed?: number | undefined;
  /** Class of all images. Default: image i is of class i modulo their number. */
  readonly label?: number | undefined;
  /** Number of the first image, so that many are drawn in parts. Default 0. */
  readonly first?: number | undefined;
  /** Size of the maps in positions. Default: that of the training; needed for weights of an index transformer. */
  readonly grid?: Grid | undefined;
  /** Of drawing indices: what is there already, for every image; its size is that of the maps. */
  readonly from?: PartOfMap | undefined;
}

/** What was drawn. */
export interface Drawn {
  /** Undefined of a generator without classes. */
  readonly label: number | undefined;
  readonly map: IndexMap;
  /** RGB. */
  readonly image: Raster<Uint8ClampedArray<ArrayBuffer>>;
}

/** A generator at work on a backend. */
export interface Generator {
  readonly manifest: WeightsManifest;
  /** Classes that can be asked for; 0 for none. */
  readonly classes: number;
  /** Pixels per position along each axis. */
  readonly scale: number;
  /**
   * Draws images. Progress comes in runs of the network.
   *
   * @throws TokenizerError `OPTIONS_INVALID`, `INDICES_INVALID` for `from`, `GENERATOR_DISPOSED`; the signal's reason.
   */
  draw(count: number, options?: DrawOptions): Promise<Drawn[]>;
  /** Frees what was compiled; the backend lives on. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Images of a run of the network, at most, and positions of them together. */
const [mostImages, mostPositions] = [64, 4096];

/** Positions of a map, at most: attention is among all of them. */
const mostOfMap = 4096;

/**
 * Makes a generator from a weights package.
 *
 * @throws TokenizerError as `loadGenerator`, `OPTIONS_INVALID`
 *
 * @example
 * const generator = await createGenerator(await openWeights('./runs/digits'), { backend, quantizers: { looc } });
 * const [three] = await generator.draw(1, { label: 3, seed: 1 }); // three.image: { data, width: 28, height: 28, channels: 3 }
 */
export async function createGenerator(
  weights: WeightsPackage,
  { backend, sampling = {}, ...options }: GeneratorOptions,
): Promise<Generator> {
  const model = await loadGenerator(weights, options);
  checkSampling(model, sampling);
  const { drawing } = model;
  const { classes } = drawing.network.options;
  const sampler: Sampler =
    drawing.kind === 'flow'
      ? flowSampler(drawing, model, backend, sampling)
      : maskedSampler(drawing, model, backend, sampling);
  const tokenizer = tokenizerOf(model.tokenizer, backend);
  const { codebookSizes } = tokenizer.rates.at(-1)!;
  const end = new AbortController();
  const dispose = (): void => {
    end.abort(disposed());
    sampler.dispose();
    tokenizer.dispose();
  };

  return {
    manifest: model.manifest,
    classes,
    scale: tokenizer.scale,
    draw: async (count, drawOptions = {}) => {
      end.signal.throwIfAborted();
      const { seed = 1, first = 0, label, onProgress } = drawOptions;
      const signal = drawOptions.signal ? AbortSignal.any([drawOptions.signal, end.signal]) : end.signal;
      checkDraw(count, drawOptions, classes);
      const { grid, start } = startOf(model, drawOptions);
      const labelOf = (i: number): number => label ?? (classes > 0 ? i % classes : 0);
      const batch = Math.max(1, Math.min(mostImages, Math.floor(mostPositions / (grid.width * grid.height))));
      const drawn: Drawn[] = [];
      let done = 0;
      const total = Math.ceil(count / batch) * sampler.steps;
      for (let from = 0; from < count; from += batch) {
        const numbers = Array.from({ length: Math.min(batch, count - from) }, (_, i) => first + from + i);
        const labels = numbers.map(labelOf);
        const streams = numbers.map((i) => random(seed).split(i));
        const onStep = (): void => onProgress?.({ done: ++done, total });
        const maps = await sampler.draw({ grid, labels, streams, start, signal, onStep });
        for (const [i, data] of maps.entries()) {
          const map = planesOf({ data, ...grid, channels: codebookSizes.length }, codebookSizes, 0);
          const image = await tokenizer.decode(map, { signal });
          drawn.push({ label: classes > 0 ? labels[i] : undefined, map, image });
        }
      }
      return drawn;
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function disposed(): TokenizerError {
  return new TokenizerError({
    code: 'GENERATOR_DISPOSED',
    message: 'expected a generator that is in use, got one after dispose()',
    fix: 'Make a new one, and dispose it when the last call has ended',
  });
}

function refuse(problem: { readonly message: string; readonly fix: string } | undefined): void {
  if (problem) throw new TokenizerError({ code: 'OPTIONS_INVALID', ...problem });
}

/** @throws TokenizerError `OPTIONS_INVALID` */
function checkSampling({ drawing }: GeneratorModel, options: SamplingOptions): void {
  const { steps, temperature, guidance = 0, topK, noise } = options;
  refuse(numberProblem('steps', steps, { min: 1, max: 1000 }));
  refuse(numberProblem('temperature', temperature, { min: 0, max: 10, isWhole: false }));
  refuse(numberProblem('guidance', guidance, { min: 0, max: 20, isWhole: false }));
  refuse(numberProblem('topK', topK, { min: 1, max: 2 ** 24 }));
  refuse(numberProblem('noise', noise, { min: 0, max: 100, isWhole: false }));
  if (guidance > 0 && drawing.network.options.classes === 0)
    refuse({ message: 'expected no guidance: these weights know no classes', fix: 'Leave it out' });
  if (drawing.kind === 'flow' && (topK ?? noise) !== undefined)
    refuse({ message: 'expected neither topK nor noise: these weights draw features', fix: 'Leave them out' });
}

function checkDraw(count: number, { seed, first, label, grid }: DrawOptions, classes: number): void {
  refuse(numberProblem('count', count ?? Number.NaN, { min: 1, max: 2 ** 20 }));
  refuse(numberProblem('seed', seed, { min: 0, max: 2 ** 32 - 1 }));
  refuse(numberProblem('first', first, { min: 0, max: 2 ** 32 - 1 }));
  for (const side of ['width', 'height'] as const)
    refuse(numberProblem(`the ${side} of the grid`, grid?.[side], { min: 1, max: 1024 }));
  if (label === undefined) return;
  if (classes === 0)
    refuse({ message: `expected no label: these weights know no classes, got ${label}`, fix: 'Leave it out' });
  refuse(numberProblem('label', label, { min: 0, max: classes - 1 }));
}

/** What maps start from: holes, but for what is kept. @throws TokenizerError `OPTIONS_INVALID`, `INDICES_INVALID` */
function startOf({ drawing, grid: own, tokenizer }: GeneratorModel, { from, grid = from?.map ?? own }: DrawOptions) {
  if (grid === undefined) {
    throw new TokenizerError({
      code: 'OPTIONS_INVALID',
      message: 'expected a grid: an index transformer learns no size of maps',
      fix: 'Pass grid: { width, height }, in positions',
    });
  }
  const { width, height } = grid;
  const places = width * height;
  if (places > mostOfMap) {
    refuse({
      message: `expected a grid of at most ${mostOfMap} positions, got ${width}×${height}`,
      fix: 'Draw a smaller map',
    });
  }
  const { codebookSizes } = tokenizer.rates.at(-1)!;
  if (from === undefined) {
    const indices = new Uint32Array(places * codebookSizes.length);
    return { grid: { width, height }, start: { indices, holes: new Uint8Array(places).fill(1) } satisfies OpenMap };
  }
  checkIndexMap(from.map);
  const isFitting =
    from.map.codebookSizes.join() === codebookSizes.join() &&
    from.map.width === width &&
    from.map.height === height &&
    from.holes.length === places;
  if (drawing.kind === 'flow' || !isFitting) {
    refuse({
      message:
        drawing.kind === 'flow'
          ? 'expected nothing to be kept: these weights draw features'
          : `expected a map of ${width}×${height} positions of ${codebookSizes.join(', ')} codes and a flag for each, got ${from.map.width}×${from.map.height} of ${from.map.codebookSizes.join(', ')} and ${from.holes.length}`,
      fix: 'Pass a map of these weights with its holes, or leave from out',
    });
  }
  const holes = from.holes.map((flag) => Number(flag !== 0));
  return { grid: { width, height }, start: { indices: positionsOf(from.map).data, holes } satisfies OpenMap };
}
