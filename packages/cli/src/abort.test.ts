import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import { encodeIndices, writeContainer } from '@vqkit/codec/bitstream';
import { modelIdOf } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { describe, expect, it } from 'vitest';
import { abortingEngine } from '../../../tooling/aborting-engine.ts';
import { encodePicture, readPicture } from './io/images.ts';
import { drawComparison } from './picture/draw-comparison.ts';

/** A signal that is aborted as soon as the event loop turns. */
function soon(): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('enough')), 0);
  return stop.signal;
}

describe('an abort', () => {
  it('ends the drawing of a comparison, and waits for no picture that is read or written', async () => {
    const [width, height] = [4000, 3000];
    const picture = { data: new Uint8Array(width * height * 3).fill(90), width, height, channels: 3 as const };
    const scores = { psnr: 30, ssim: 1, msSsim: 1, lpipsSqueeze: null };
    await expect(drawComparison(picture, picture, scores, soon())).rejects.toThrow('enough');
    await expect(encodePicture(picture, 'avif', soon())).rejects.toThrow('enough');
    const bytes = await encodePicture(picture, 'png');
    await expect(readPicture(bytes, 'large.png', { signal: soon() })).rejects.toThrow('enough');
  });

  it.each([
    [2048, 1536],
    [4000, 3000],
  ])('ends the coding of %i×%i pixels between two pieces of a tile', async (width, height) => {
    const { engine, counts, signal } = abortingEngine(2);
    const backend = await onnx({ threads: 1, engine });
    const codec = await createCodec(photo, { backend });
    counts.runs = 0;
    const data = new Uint8Array(width * height * 3).fill(90);
    await expect(codec.encode({ data, width, height }, { signal, targetBpp: 0.04 })).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The run that was handed to the engine when the signal came is the last.
    expect(counts).toEqual({ runs: 2, late: 0 });
    codec.dispose();
    backend.dispose();
  });

  it.each([
    [2048, 1536],
    [4000, 3000],
  ])('ends the decoding of %i×%i pixels between two pieces of a tile', async (width, height) => {
    const { engine, counts, signal } = abortingEngine(3);
    const backend = await onnx({ threads: 1, engine });
    const codec = await createCodec(photo, { backend });
    counts.runs = 0;
    const grid = { width: Math.ceil(width / 16), height: Math.ceil(height / 16) };
    const codebookSizes = photo.manifest.codebookSizes.slice(-1);
    const map = { ...grid, codebookSizes, planes: [new Uint32Array(grid.width * grid.height)] };
    const modelId = modelIdOf(photo.manifest);
    const bytes = writeContainer({
      width,
      height,
      modelId,
      isGrey: false,
      indices: encodeIndices(map, { mode: 'uniform' }),
    });
    await expect(codec.decode(bytes, { signal })).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counts).toEqual({ runs: 3, late: 0 });
    codec.dispose();
    backend.dispose();
  });
});
