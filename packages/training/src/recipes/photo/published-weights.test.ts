import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostTensor, writeSafetensors } from '@vqkit/core';
import { int8Weights } from '@vqkit/tokenizer';
import { expect, it } from 'vitest';
import { readInfo } from './published-weights.ts';

it('goes on from weights in f16, and says so of those of 8 bits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-published-'));
  const file = join(folder, 'weights.safetensors');
  const weight: HostTensor = { data: new Float32Array(8192).fill(0.5), shape: [256, 32], dtype: 'f32' };
  const book: HostTensor = { data: new Float32Array(32), shape: [2, 16], dtype: 'f32' };
  const tensors = { 'encoder.0.weight': weight, 'decoder.0.weight': weight, 'codebooks.2': book };
  const bytes = writeSafetensors(tensors, { network: '{"dimension":16}', metric: 'cosine' });
  await writeFile(file, bytes);
  expect(await readInfo(file, 'photo-rates')).toEqual({ network: { dimension: 16 }, metric: 'cosine' });
  await writeFile(file, await int8Weights(bytes));
  await expect(readInfo(file, 'photo-rates')).rejects.toMatchObject({
    code: 'DATA_MISSING',
    message: expect.stringContaining('weights of 8 bits, which are to be used: training goes on from f16'),
  });
  await rm(folder, { recursive: true });
});
