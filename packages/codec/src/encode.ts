/** An image becomes a file: index maps of all rates, and the largest file that fits. */
import { eventLoopTurn, type HostTensor, inTurns } from '@vqkit/core';
import { type Raster, splitImage } from '@vqkit/images';
import { type IndexMap, modelIdOf, type Tokenizer } from '@vqkit/tokenizer';
import { codeAlpha } from './alpha.ts';
import { fitPacketsSteps } from './bitstream/container/fit-packets.ts';
import { type ContainerContent, encodeIndices, writeContainer } from './bitstream/index.ts';
import { type CodecProgress, checkPackets, type EncodeOptions } from './codec-options.ts';
import { colourRangeBytes, colourRangeOf } from './colour-range.ts';
import { CodecError } from './errors.ts';
import { type ImageSource, readImage } from './options.ts';
import type { PriorsOf } from './priors.ts';
import { byteLimit, chooseRate, type RateOptions, rateTooLow } from './rate/choose-rate.ts';
import { growth, refineToFit, stepsOf } from './rate/effort.ts';
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
  const make = async (map: IndexMap): Promise<Made> => {
    await eventLoopTurn(signal);
    const { codebookSizes } = map;
    const prior = (await priorsFor(codebookSizes, signal)).find((one) => `${one.codebookSizes}` === `${codebookSizes}`);
    const contentOf = (count?: number): ContainerContent => {
      const indices = encodeIndices(map, { prior, packets: count });
      return { width, height, modelId, indices, alpha, isGrey, parity, colourRange };
    };
    const fitting = packetBytes !== undefined && inTurns(fitPacketsSteps(contentOf, packetBytes), signal);
    const content = fitting ? await fitting : contentOf(packets);
    const { mode, priorId, packets: parts } = content.indices;
    // What bits take is known beforehand of that one mode, if neither number of packets nor parity depend on them.
    const isKnown = !packetBytes && !parity && mode === 'mixing' && priorId === prior?.id;
    const indexBytes = isKnown ? parts.reduce((sum, one) => sum + one!.length, 0) : undefined;
    return { map, prior, bytes: writeContainer(content), indexBytes };
  };
  const features = await tokenizer.features(canvas, { signal, ...(steps === 0 && { onProgress }) });
  const maps = await tokenizer.quantize(features, { rates: chosen, signal });
  const tooLow = (needed: number): Error => rateTooLow(limit, needed, alpha?.length ?? 0);
  const { rate, made: nearest, next } = await chooseRate(maps.length, limit, (one) => make(maps[one]!), tooLow);
  // Indices of a rate whose file is too large, thinned out until it fits.
  const thin = async (
    level: number,
    { map, ...made }: Made,
    wanted?: Raster<Float32Array>,
  ): Promise<Made | undefined> => {
    if (!model.manifest.codebookSizes) return;
    const large = levelOf(tokenizer, map);
    return fillUp({
      ...{ limit, packets, make, signal },
      features: wanted ?? vectorsOf(large),
      unit: quantizationError(features, maps[level]!, large.vectors) / (map.width * map.height),
      fits: levelOf(tokenizer, nearest.map),
      next: { ...large, ...made },
    });
  };
  const plain = (next && !isFull(nearest.bytes.length, limit) && (await thin(rate + 1, next, features))) || nearest;
  if (steps === 0) return plain.bytes;
  const refine = async (level: number, [part, parts]: readonly [number, number]): Promise<Made> => {
    const told = ({ done, total }: CodecProgress): void =>
      onProgress?.({ done: done + part * total, total: parts * total });
    return make(await tokenizer.refine(canvas, { rate: chosen[level]!, steps, signal, onProgress: told }));
  };
  const judge = (map: IndexMap) => tokenizer.unlikeness(canvas, map, { signal });
  const rates = nearest.bytes.length * growth > limit || !next ? [rate] : [];
  if (next) rates.push(rate + 1);
  return (await refineToFit({ limit, plain, rates, refine, thin, judge })).bytes;
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
  const codes = planes[0]!;
  const valueAt = (_: unknown, i: number): number => vectors[codes[(i / channels) | 0]! * channels + (i % channels)]!;
  const data = Float32Array.from({ length: codes.length * channels }, valueAt);
  return { data, width, height, channels };
}
