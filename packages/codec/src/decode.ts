/** A file becomes an image: indices, guesses where they are lost, pixels. */
import { joinImage, maxPixels } from '@vqkit/images';
import { modelIdOf, positionsOf, type Tokenizer, type WeightsManifest } from '@vqkit/tokenizer';
import { type DecodedIndices, decodeAlpha, decodeIndices, printable, readContainer } from './bitstream/index.ts';
import type { Decoded, DecodeOptions } from './codec-options.ts';
import { keepInRange } from './colour-range.ts';
import type { Conceal, ConcealGrid } from './conceal.ts';
import { CodecError } from './errors.ts';
import { type FileBytes, numberOption, readBytes } from './options.ts';
import type { PriorsOf } from './priors.ts';
import { checkGrid, offCanvas } from './small-pictures.ts';

/**
 * Reads a file of this model, up to its indices.
 *
 * @throws CodecError `MODEL_MISMATCH`, `BYTES_INVALID`, `OPTIONS_INVALID`, `PRIOR_MISSING`; BitstreamError for damaged files
 */
export async function readVqk(
  { rates, scale, model }: Tokenizer,
  priorsFor: PriorsOf,
  bytes: FileBytes | Blob,
  { maxPixels: limit, signal }: DecodeOptions,
) {
  const modelId = modelIdOf(model.manifest);
  const container = readContainer(await readBytes(bytes), {
    maxPixels: numberOption('maxPixels', limit, { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? maxPixels,
  });
  const { header } = container;
  const isKnown = rates.some(({ codebookSizes }) => codebookSizes.join() === header.codebookSizes.join());
  if (header.modelId.join() !== modelId.join() || !isKnown) {
    throw new CodecError({
      code: 'MODEL_MISMATCH',
      message: `expected a file of model '${model.manifest.id}', got one of model '${printable(new TextDecoder().decode(header.modelId).trimEnd())}' with codebooks of ${header.codebookSizes.join(', ')} codes`,
      fix: readerOf(model.manifest, header.modelId),
    });
  }
  checkGrid(header, scale);
  const maxIndices = header.gridWidth * header.gridHeight * header.codebookSizes.length;
  const { mode, priorId } = container.indices;
  const isPriorNeeded = mode === 'static' || priorId !== undefined;
  const prior = isPriorNeeded ? await priorsFor(header.codebookSizes, signal) : [];
  return { container, decoded: decodeIndices(container.indices, { prior, maxIndices }) };
}

/** Restores an image: `Codec.decode`. */
export async function decodeImage(
  tokenizer: Tokenizer,
  priorsFor: PriorsOf,
  conceal: Conceal,
  bytes: FileBytes | Blob,
  options: DecodeOptions,
): Promise<Decoded> {
  const { scale, model } = tokenizer;
  const { container, decoded } = await readVqk(tokenizer, priorsFor, bytes, options);
  const { width, height, isGrey, colourRange } = container.header;
  const channels = numberOption('channels', options.channels, { min: 3, max: 4 });
  // Before the networks, which take longer: it may be refused.
  const own = channels === 3 ? undefined : container.alpha && decodeAlpha(container.alpha, width, height);
  const alpha = own ?? (channels === 4 ? new Uint8Array(width * height).fill(255) : undefined);
  const { signal, onProgress } = options;
  const shown = await tokenizer.decode(await concealed(decoded, conceal, { modelId: model.manifest.id, signal }), {
    signal,
    onProgress,
  });
  const rgb = offCanvas(shown, container.header, scale);
  if (colourRange) keepInRange(rgb, colourRange);
  const image = joinImage(rgb, { width, height, isGrey, alpha });
  return { image, lostShare: shareOf(decoded.lost), isAlphaLost: container.isAlphaLost };
}

/** The planes with guesses where positions are lost. */
async function concealed(
  decoded: DecodedIndices,
  conceal: Conceal,
  grid: Pick<ConcealGrid, 'modelId' | 'signal'>,
): Promise<DecodedIndices> {
  const { lost, width, height, codebookSizes } = decoded;
  if (!lost) return decoded;
  const filled = await conceal(positionsOf(decoded).data, lost, { width, height, codebookSizes, ...grid });
  const slots = codebookSizes.length;
  const planes = codebookSizes.map((_, slot) =>
    Uint32Array.from({ length: width * height }, (_, i) => filled[i * slots + slot]!),
  );
  return { ...decoded, planes };
}

/** What to decode a file of another model with. */
function readerOf({ predecessors = {} }: WeightsManifest, modelId: Uint8Array): string {
  const found = Object.entries(predecessors).find(([id]) => modelIdOf({ id }).join() === modelId.join());
  return found
    ? `Decode it with ${found[1]}, the version of the weights that it was made with`
    : 'Decode it with the weights package that it was made with';
}

function shareOf(lost: Uint8Array | undefined): number {
  return lost ? lost.reduce((sum, flag) => sum + flag, 0) / lost.length : 0;
}
