import { cpu, disposeTree, tensor } from '@vqkit/core';
import { expect, it } from 'vitest';
import { halvedSizes, rateCodebooks } from './rate-codebooks.ts';

it('merges codes that lie together, by how often each is used, and leaves nothing behind', async () => {
  const backend = cpu();
  const codebook = tensor(backend, [0, 1, 10, 11, 20, 21, 30, 31], [8, 1]);
  const counts = tensor(backend, [3, 1, 1, 1, 1, 1, 1, 1]);
  const plain = await rateCodebooks(codebook, { sizes: [4, 2] });
  const weighted = await rateCodebooks(codebook, { sizes: [4], counts });
  const sorted = async (i: number, books = plain) => [...(await books[i]!.data())].sort((a, b) => a - b);
  expect(plain.map(({ shape }) => shape)).toEqual([
    [8, 1],
    [4, 1],
    [2, 1],
  ]);
  expect(await sorted(1)).toEqual([0.5, 10.5, 20.5, 30.5]);
  expect(await sorted(2)).toEqual([5.5, 25.5]); // means of the next larger book's codes: they are nested
  expect(await sorted(1, weighted)).toEqual([0.25, 10.5, 20.5, 30.5]);
  disposeTree([codebook, counts, plain, weighted]);
  expect(backend.memory().tensors).toBe(0);
  expect(halvedSizes(100)).toEqual([50, 25, 12]);
  backend.dispose();
});
