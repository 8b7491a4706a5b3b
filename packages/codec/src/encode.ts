/** An image becomes a file: index maps of all rates, and the largest file that fits. */
import { eventLoopTurn, type HostTensor, inTurns } from '@vqkit/core';
import { type Raster, splitImage } from '@vqkit/images';
import { type IndexMap, modelIdOf, type Tokenizer } from '@vqkit/tokenizer';
import { codeAlpha } from './alpha.ts';
import { fitPacketsSteps } from './bitstream/container/fit-packets.ts';
import { type ContainerContent, encodeIndices, type Prior, writeContainer } from './bitstream/index.ts';
import { type CodecProgress, checkPackets, type EncodeOptions } from './codec-options.ts';
import { colourRangeBytes, colourRangeOf } from './colour-range.ts';
import { CodecError } from './errors.ts';
import { type ImageSource, readImage } from './options.ts';
import type { PriorsOf } from './priors.ts';
import { byteLimit, chooseRate, type RateOptions, rateTooLow } from './rate/choose-rate.ts';
import { refineToFit, stepsOf } from './rate/effort.ts';
import { fillUp, isFull, type Level, type Made } from './rate/fill-up.ts';
import { quantizationError } from './rate/nearest-codes.ts';
import { onCanvas } from './small-pictures.ts';

/** Compresses an image: `Codec.encode`. */
export async function encodeImage(
  tokenizer: Tokenizer,
  priorsFor: PriorsOf,
  source: ImageSource,
  options: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { scale, model } = tokenizer;
  const modelId = modelIdOf(model.manifest);
  const { signal, onProgress } = options;
  const { packets, packetBytes, parity } = checkPackets(options);
  const steps = stepsOf(options.effort);
  const { width, height, rgb, isGrey, ...split } = splitImage(await readImage(source));
  const limit = byteLimit(options, width * height);
  const chosen = ratesFor(tokenizer, options, limit);
  const alpha = split.alpha && codeAlpha(split.alpha, { width, height, mode: options.alpha ?? 'keep', scale });
  // In packets of a few bytes the header has no place for it.
  const colourRange =
    packetBytes !== undefined && packetBytes < 32 + colourRangeBytes ? undefined : colourRangeOf(rgb, isGrey);
  const canvas = onCanvas({ data: rgb, width, height, channels: 3 }, scale);
  const priorOf = async ({ codebookSizes }: Pick<IndexMap, 'codebookSizes'>): Promise<Prior | undefined> =>
    (await priorsFor(codebookSizes, signal)).find((one) => one.codebookSizes.join() === codebookSizes.join());
  const make = async (map: IndexMap): Promise<Made> => {
    await eventLoopTurn(signal);
    const prior = await priorOf(map);
    const content = (count?: number): ContainerContent => {
      const indices = encodeIndices(map, { prior, packets: count });
      return { width, height, modelId, indices, alpha, isGrey, parity, colourRange };
    };
    if (packetBytes === undefined) return { map, bytes: writeContainer(content(packets)) };
    return { map, bytes: writeContainer(await inTurns(fitPacketsSteps(content, packetBytes), signal)) };
  };
  const features = await tokenizer.features(canvas, { signal, ...(steps === 0 && { onProgress }) });
  const maps = await tokenizer.quantize(features, { rates: chosen, signal });
  const tooLow = (needed: number): Error => rateTooLow(limit, needed, alpha?.length ?? 0);
  const { rate, made: nearest, next } = await chooseRate(maps.length, limit, (one) => make(maps[one]!), tooLow);
  // Indices of a codebook whose file is too large, thinned out until it fits.
  const thin = async ({ map, bytes }: Made, wanted?: Raster<Float32Array>): Promise<Made | undefined> => {
    if (!model.manifest.codebookSizes) return undefined;
    const [fits, large] = [levelOf(tokenizer, nearest.map), levelOf(tokenizer, map)];
    const chosenFirst = maps.find(({ codebookSizes }) => codebookSizes.join() === map.codebookSizes.join())!;
    return fillUp({
      ...{ limit, fits, packets, make, signal },
      features: wanted ?? vectorsOf(large),
      unit: quantizationError(features, chosenFirst, large.vectors) / (map.width * map.height),
      next: { ...large, bytes: bytes.length, prior: await priorOf(map) },
    });
  };
  const isNearestFull = next === undefined || isFull(nearest.bytes.length, limit);
  const plain = isNearestFull ? nearest : ((await thin(next, features)) ?? nearest);
  if (steps === 0) return plain.bytes;
  const refine = async (level: number, [part, parts]: readonly [number, number] = [0, 1]): Promise<Made> => {
    const told = ({ done, total }: CodecProgress): void =>
      onProgress?.({ done: done + part * total, total: parts * total });
    return make(await tokenizer.refine(canvas, { rate: chosen[level]!, steps, signal, onProgress: told }));
  };
  if (limit === Number.POSITIVE_INFINITY) return (await refine(rate)).bytes;
  const hasNext = next !== undefined;
  return (await refineToFit({ tokenizer, canvas, limit, plain, nearest, rate, hasNext, refine, thin, signal })).bytes;
}

/** The rates to choose from. @throws CodecError `OPTIONS_INVALID` */
function ratesFor({ rates }: Tokenizer, { codebookSize }: RateOptions, limit: number): Tokenizer['rates'] {
  if (codebookSize === undefined) return limit === Number.POSITIVE_INFINITY ? rates.slice(-1) : rates;
  const found = rates.filter(({ codebookSizes }) => codebookSizes.every((size) => size === codebookSize));
  if (found.length > 0) return found;
  throw new CodecError({
    code: 'OPTIONS_INVALID',
    message: `expected a codebook size of ${rates.map(({ codebookSizes }) => codebookSizes.join('·')).join(', ')}, got ${codebookSize}`,
    fix: 'Choose one of these, or use targetBpp',
  });
}

/** A map of a nested codebook with its codes. */
function levelOf({ model }: Tokenizer, map: IndexMap): Level {
  const { params } = model.rates.find(({ codebookSizes }) => codebookSizes.join() === map.codebookSizes.join())!;
  return { map, vectors: (params as { readonly codebook: HostTensor }).codebook.data as Float32Array };
}

/** The code of every position, f32 `[h, w, D]`. */
function vectorsOf({ map: { planes, width, height, codebookSizes }, vectors }: Level): Raster<Float32Array> {
  const channels = vectors.length / codebookSizes[0]!;
  const data = new Float32Array(width * height * channels);
  planes[0]!.forEach(
    (code, at) => void data.set(vectors.subarray(code * channels, (code + 1) * channels), at * channels),
  );
  return { data, width, height, channels };
}
