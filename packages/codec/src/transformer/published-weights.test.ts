/** The published transformer completes maps of the published tokenizer, alike on all backends, and better than neighbours do. */
import { readFile } from 'node:fs/promises';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, cpu, random, type Tensor, uploadTree } from '@vqkit/core';
import { readPicture } from '@vqkit/images/node';
import { createTokenizer, type IndexMap } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import * as transformer from '@vqkit/weights-photo-transformer';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendsUnderTest, webgpuUnderTest } from '../../../../tooling/backends-under-test.ts';
import { dataPath, lacks } from '../../../../tooling/shared-data.ts';
import { createCodec } from '../codec.ts';
import { concealLost } from '../conceal.ts';
import { loadIndexTransformer, transformerConceal } from './index.ts';

const openWebgpu = await webgpuUnderTest();
const others = { ...backendsUnderTest(), ...(openWebgpu && { webgpu: openWebgpu }) };
const modelId = photo.manifest.id;

/** What arrived of a map, a fifth of which is lost, one position by one. */
function damaged({ planes: [indices], codebookSizes, width, height }: IndexMap) {
  const stream = random(4);
  const lost = Uint8Array.from(indices!, () => Number(stream.next() < 0.2));
  const arrived = indices!.map((index, at) => (lost[at] === 1 ? 0 : index));
  return [arrived, lost, { width, height, codebookSizes, modelId }] as const;
}

describe('the published transformer', () => {
  let golden: IndexMap;
  beforeAll(async () => {
    const bytes = await readFile(new URL(`../fixtures/${modelId}.vqk`, import.meta.url));
    const codec = await createCodec(photo, { backend: cpu() });
    golden = await codec.decodeToIndices(bytes);
    codec.dispose();
  });

  it('is for the published tokenizer, at all of its rates', () => {
    expect(transformer.manifest).toMatchObject({
      tokenizer: modelId,
      codebookSizes: photo.manifest.codebookSizes,
    });
  });

  it.each(Object.entries(others))('guesses on %s what it guesses on the reference', async (_, open) => {
    const [map, lost, grid] = damaged(golden);
    const guessedOn = async (backend: Backend): Promise<Uint32Array> => {
      const conceal = await transformerConceal(transformer, { backend });
      const filled = await conceal(map, lost, grid);
      conceal.dispose();
      backend.dispose();
      return filled;
    };
    const [filled, expected] = [await guessedOn(await open()), await guessedOn(cpu())];
    expect(filled).toEqual(expected);
    expect([...filled].filter((index, at) => lost[at] === 0 && index !== map[at])).toEqual([]);
  });

  it.skipIf(lacks('kodak'))('comes nearer to what was lost of a photo than neighbours do', async () => {
    const backend = await onnx();
    const tokenizer = await createTokenizer(photo, { backend });
    const picture = await readPicture(await readFile(dataPath('kodak/kodim23.png')));
    const [map] = await tokenizer.encode(picture);
    const conceal = await transformerConceal(transformer, { backend });
    const nearest = await transformerConceal(transformer, { backend, guess: 'expected' });
    const { codebooks } = await loadIndexTransformer(transformer);
    const codes = uploadTree(cpu(), codebooks[map!.codebookSizes[0]!]!) as Tensor;
    const [vectors, length] = [codes.dataSync(), codes.shape[1]!];
    const [arrived, lost, grid] = damaged(map!);
    const distance = (filled: Uint32Array): number =>
      filled.reduce((sum, index, at) => {
        const own = map!.planes[0]![at]!;
        for (let d = 0; d < length; d++)
          sum += (Number(vectors[index * length + d]) - Number(vectors[own * length + d])) ** 2;
        return sum;
      }, 0);
    const copied = distance(await concealLost(arrived, lost, grid));
    expect(distance(await nearest(arrived, lost, grid))).toBeLessThan(0.75 * copied);
    expect(distance(await conceal(arrived, lost, grid))).toBeLessThan(0.85 * copied);
    for (const one of [conceal, nearest, tokenizer, backend]) one.dispose();
  });
});
