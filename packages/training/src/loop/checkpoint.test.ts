import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu, random, saveTree, tensor } from '@vqkit/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePipe } from '../../../../tooling/make-pipe.ts';
import { type CheckpointInfo, readCheckpoint, writeCheckpoint } from './checkpoint.ts';

const backend = cpu();
const info: CheckpointInfo = { recipe: 'tiny', options: { codes: 8, levels: [5, 3] }, step: 7, seed: 3 };
const state = () => ({ w: tensor(backend, [1, 2, 3]), deep: [tensor(backend, [4])] });

describe('checkpoints', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-checkpoint-'));
    path = join(folder, 'checkpoint.safetensors');
    await writeCheckpoint(path, state(), info);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const read = (expected: Partial<CheckpointInfo> = {}) =>
    readCheckpoint(path, backend, state(), { ...info, ...expected });

  it('come back as they were, and are not there before', async () => {
    const back = await read();
    expect(back!.step).toBe(7);
    expect([back!.state.w, back!.state.deep[0]!].map((x) => [...x.dataSync()])).toEqual([[1, 2, 3], [4]]);
    await rm(path);
    expect(await read()).toBeUndefined();
  });

  it('are refused when they are pipes, or say nothing of themselves in a file that fits its checksum', async () => {
    const bytes = await saveTree(state(), { metadata: { sha256: '0'.repeat(64), step: '1', options: 'none' } });
    for (const header of [(text: string) => text, (text: string) => text.replace('"__metadata__"', '"__metadatA__"')]) {
      const forged = Buffer.from(header(Buffer.from(bytes).toString('latin1')), 'latin1');
      const place = forged.indexOf('"sha256":"') + 10;
      forged.write(createHash('sha256').update(forged).digest('hex'), place, 'latin1');
      await writeFile(path, forged);
      await expect(read()).rejects.toMatchObject({ code: expect.stringMatching(/^CHECKPOINT_(DAMAGED|MISMATCH)$/) });
    }
    await rm(path);
    await makePipe(path);
    await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
  });

  it('are refused when any bit is flipped, or the end is missing', async () => {
    const bytes = await readFile(path);
    const stream = random(1);
    for (let i = 0; i < 200; i++) {
      const flipped = Buffer.from(bytes);
      flipped[stream.integer(bytes.length)]! ^= 1 << stream.integer(8);
      await writeFile(path, flipped);
      await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
  });

  it('are refused without a checksum', async () => {
    await writeFile(path, await saveTree(state(), { metadata: { recipe: 'tiny', step: '7', seed: '3' } }));
    await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    await writeFile(path, 'something else');
    await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
  });

  it('are refused when their step is none', async () => {
    for (const step of [undefined, Number.NaN, -1, 1.5] as number[]) {
      await writeCheckpoint(path, state(), { ...info, step });
      await expect(read()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
  });

  it('are refused by another recipe, seed, option or model, which is named', async () => {
    const refusal = (message: string) => ({ code: 'CHECKPOINT_MISMATCH', message: expect.stringContaining(message) });
    await expect(read({ recipe: 'other' })).rejects.toMatchObject(refusal('recipe tiny instead of other'));
    await expect(read({ seed: 4 })).rejects.toMatchObject(refusal('seed 3 instead of 4'));
    await expect(read({ options: { codes: 9, levels: [5, 3] } })).rejects.toMatchObject(
      refusal('codes 8 instead of 9'),
    );
    await expect(read({ options: { codes: 8 } })).rejects.toMatchObject(refusal('levels [5,3] instead of undefined'));
    const other = readCheckpoint(path, backend, { w: tensor(backend, [1, 2]) }, info);
    await expect(other).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });

  it('leave nothing beside them when they cannot be written', async () => {
    const taken = join(folder, 'checkpoint.safetensors', 'below-a-file');
    await expect(writeCheckpoint(taken, state(), info)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    expect(await readdir(folder)).toEqual(['checkpoint.safetensors']);
  });
});
