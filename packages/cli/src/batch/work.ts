/** What each process of `vqkit batch` runs: one command on one input after the other. */

import type { BatchItem } from '@vqkit/batch';
import { sourceOf } from '@vqkit/batch';
import { defineWork, type OpenWork, type Work, type WorkWarning } from '@vqkit/batch/work';
import { inspect } from '@vqkit/codec';
import { createTokenizer, type IndexMap } from '@vqkit/tokenizer';
import sharp from 'sharp';
import { wordsOfLoss } from '../concealer.ts';
import { nameOfInput } from '../io/files.ts';
import { encodePicture, type PictureFormat, readPicture } from '../io/images.ts';
import { type ComputeOptions, openSession, openUpscaler, openWith } from '../session.ts';
import { toNpy } from './npy.ts';

/** What a batch does with an input. All but `command` are options of that command. */
export interface BatchCommand extends ComputeOptions {
  readonly command: 'encode' | 'decode' | 'upscale' | 'tokenize';
  readonly threads: number;
  readonly bpp?: number;
  readonly bytes?: number;
  readonly codes?: number;
  readonly alpha?: 'keep' | 'lossy' | 'drop';
  readonly format?: PictureFormat;
  readonly scale?: number;
}

/** A picture, and what is to be told of it. */
async function read(bytes: Uint8Array, item: BatchItem) {
  const warnings: WorkWarning[] = [];
  const picture = await readPicture(bytes, sourceOf(item), {
    onWarn: (message, kind) => warnings.push({ kind, message }),
  });
  return { picture, warnings };
}

const openers: Record<BatchCommand['command'], (options: BatchCommand) => Promise<OpenWork>> = {
  encode: async (options) => {
    const { codec, dispose } = await openSession(options);
    const { bpp: targetBpp, bytes: maxBytes, codes: codebookSize, alpha } = options;
    const run: Work = async (bytes, item) => {
      const { picture, warnings } = await read(bytes, item);
      const vqk = await codec.encode(picture, { targetBpp, maxBytes, codebookSize, alpha });
      const { width, height, codebookSize: codes } = inspect(vqk);
      return { files: { vqk }, facts: { width, height, codes: codes ?? 0 }, warnings };
    };
    return { run, dispose };
  },
  decode: async (options) => {
    const { codec, concealedBy, dispose } = await openSession(options);
    const { format = 'png' } = options;
    const run: Work = async (bytes, item) => {
      const { image, lostShare } = await codec.decode(bytes);
      const { width, height, channels } = image;
      const facts = { width, height, channels, lostPercent: Math.ceil(100 * lostShare) };
      const message = `${nameOfInput(sourceOf(item))}: ${wordsOfLoss(lostShare, concealedBy())}`;
      const warnings = lostShare > 0 ? [{ kind: 'lost', message }] : [];
      return { files: { [format]: await encodePicture(image, format) }, facts, warnings };
    };
    return { run, dispose };
  },
  upscale: async (options) => {
    const { value: upscaler, dispose } = await openUpscaler(options);
    const { format = 'png', scale } = options;
    const run: Work = async (bytes, item) => {
      const { picture, warnings } = await read(bytes, item);
      const large = await upscaler.upscale(picture, { scale });
      const { width, height, channels } = large;
      return { files: { [format]: await encodePicture(large, format) }, facts: { width, height, channels }, warnings };
    };
    return { run, dispose };
  },
  tokenize: async (options) => {
    const { value: tokenizer, dispose } = await openWith(options, createTokenizer);
    const { codes } = options;
    const rates = codes === undefined ? undefined : [{ codebookSizes: [codes] }];
    const run: Work = async (bytes, item) => {
      const { picture, warnings } = await read(bytes, item);
      const { data, width, height } = picture;
      const [map] = await tokenizer.encode({ data, width, height }, { rates });
      const indices = indicesOf(map!);
      const { width: gridWidth, height: gridHeight, planes, codebookSizes } = map!;
      const npy = toNpy(indices, [planes.length, gridHeight, gridWidth]);
      const facts = { width, height, planes: planes.length, gridHeight, gridWidth, codes: Math.max(...codebookSizes) };
      return { files: { npy }, facts, lists: { indices }, warnings };
    };
    return { run, dispose };
  },
};

/** All planes one after the other, in 16 bits where that is enough. */
function indicesOf({ planes, codebookSizes }: IndexMap): Uint16Array | Uint32Array {
  const Indices = Math.max(...codebookSizes) <= 2 ** 16 ? Uint16Array : Uint32Array;
  const indices = new Indices(planes.reduce((sum, plane) => sum + plane.length, 0));
  let from = 0;
  for (const plane of planes) {
    indices.set(plane, from);
    from += plane.length;
  }
  return indices;
}

export default defineWork<BatchCommand>((options) => {
  sharp.concurrency(options.threads); // as many as the engine has
  return openers[options.command](options);
});
