import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import { encodeIndices, writeContainer } from '@vqkit/codec/bitstream';
import { modelIdOf } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import { describe, expect, it } from 'vitest';
import { abortingEngine } from '../../../tooling/aborting-engine.ts';

describe('an abort', () => {
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
