/** An image becomes a file: index maps of all rates, and the largest file that fits. */
import { eventLoopTurn, type HostTensor, inTurns } from '@vqkit/core';
import { splitImage } from '@vqkit/images';
import { type IndexMap, modelIdOf, type Tokenizer } from '@vqkit/tokenizer';
import { codeAlpha } from './alpha.ts';
import { fitPacketsSteps } from './bitstream/container/fit-packets.ts';
import { type ContainerContent, encodeIndices, type Prior, writeContainer } from './bitstream/index.ts';
import { checkPackets, type EncodeOptions } from './codec-options.ts';
import { colourRangeBytes, colourRangeOf } from './colour-range.ts';
import { CodecError } from './errors.ts';
import { type ImageSource, readImage } from './options.ts';
import type { PriorsOf } from './priors.ts';
import { byteLimit, chooseRate, type RateOptions, rateTooLow } from './rate/choose-rate.ts';
import { growth, stepsOf } from './rate/effort.ts';
import { fillUp, isFull, type Level } from './rate/fill-up.ts';
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
  const make = async (map: IndexMap): Promise<Uint8Array<ArrayBuffer>> => {
    await eventLoopTurn(signal);
    const prior = await priorOf(map);
    const content = (count?: number): ContainerContent => {
      const indices = encodeIndices(map, { prior, packets: count });
      return { width, height, modelId, indices, alpha, isGrey, parity, colourRange };
    };
    if (packetBytes === undefined) return writeContainer(content(packets));
    return writeContainer(await inTurns(fitPacketsSteps(content, packetBytes), signal));
  };
  const features = await tokenizer.features(canvas, { signal, ...(steps === 0 && { onProgress }) });
  const maps = await tokenizer.quantize(features, { rates: chosen, signal });
  const tooLow = (needed: number): Error => rateTooLow(limit, needed, alpha?.length ?? 0);
  const nearest = await chooseRate(maps.length, limit, (rate) => make(maps[rate]!), tooLow);
  if (steps === 0) {
    const { rate, nextBytes } = nearest;
    if (!model.manifest.codebookSizes || nextBytes === undefined || isFull(nearest.bytes.length, limit))
      return nearest.bytes;
    const [fits, next] = [levelOf(tokenizer, maps[rate]!), levelOf(tokenizer, maps[rate + 1]!)];
    const prior = await priorOf(next.map);
    const filled = await fillUp({
      limit,
      features,
      fits,
      next: { ...next, bytes: nextBytes, prior },
      packets,
      make,
      signal,
    });
    return filled ?? nearest.bytes;
  }
  const isRoomy = nearest.rate === 0 || nearest.bytes.length * growth <= limit;
  const rate = chosen[isRoomy ? nearest.rate : nearest.rate - 1]!;
  const refined = await make(await tokenizer.refine(canvas, { rate, steps, signal, onProgress }));
  return refined.length <= limit ? refined : nearest.bytes;
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
