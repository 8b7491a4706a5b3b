import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitFile } from '@vqkit/codec/bitstream';
import { packIndexTransformer } from '@vqkit/codec/transformer';
import { cpu, type HostTree, mapTree, random, readTree, type Tensor, uploadTree } from '@vqkit/core';
import { indexTransformer } from '@vqkit/models';
import { writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from './testing/run-here.ts';
import * as tiny from './testing/tiny-weights.ts';

const weights = new URL('./testing/tiny-weights.ts', import.meta.url).pathname;

/** A folder with a transformer of random weights for the indices of `tokenizer`. */
async function writeTransformer(folder: string, tokenizer: string): Promise<void> {
  const backend = cpu();
  const { tree } = await readTree(await tiny.load('weights.safetensors'));
  const books = (tree as { readonly codebooks: Readonly<Record<string, HostTree>> }).codebooks;
  const codebooks = Object.values(books).map((book) => uploadTree(backend, book) as Tensor);
  const options = { dimension: 4, width: 8, blocks: 1, heads: 2 };
  const stream = random(1);
  const params = mapTree(indexTransformer(options).init(backend, 1), (x) => stream.normal(backend, x.shape));
  await writeWeights(folder, await packIndexTransformer({ id: 'tf', tokenizer, options, params, codebooks }));
}

describe('vqkit decode --conceal', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-conceal-'));
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    await sharp({ create: { width: 160, height: 96, channels: 3, background: '#888', noise } })
      .png()
      .toFile(path('a.png'));
    const common = ['--weights', weights, '--backend', 'cpu'];
    const { status } = await runHere(['encode', path('a.png'), '-o', path('a.vqk'), '--packets', '4', ...common]);
    expect(status).toBe(0);
    const { header, packets } = splitFile(new Uint8Array(await readFile(path('a.vqk'))));
    await writeFile(path('damaged.vqk'), Buffer.concat([header, packets[0]!, packets[2]!, packets[3]!]));
    await writeTransformer(path('own'), 'tiny');
    await writeTransformer(path('other'), 'ph-9');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const decode = async (input: string, ...more: string[]) => {
    const args = ['decode', path(input), '-o', path('out.png'), '--weights', weights, '--backend', 'cpu', '--json'];
    const { status, stdout, stderr } = await runHere([...args, ...more]);
    const facts = stdout === '' ? {} : (JSON.parse(stdout) as { concealedBy?: string; lostShare?: number });
    const pixels = status === 0 ? await sharp(path('out.png')).raw().toBuffer() : undefined;
    return { status, stderr, pixels, ...facts };
  };

  it('fills in by neighbours where no transformer is there, and by the transformer where it is named', async () => {
    const plain = await decode('damaged.vqk');
    expect(plain).toMatchObject({ status: 0, concealedBy: 'neighbours', lostShare: 0.25 });
    expect(plain.stderr).toContain('25.0 % of the picture is lost or damaged and was guessed by neighbours');
    const guessed = await decode('damaged.vqk', '--conceal-weights', path('own'));
    expect(guessed).toMatchObject({ status: 0, concealedBy: 'transformer' });
    expect(guessed.pixels).not.toEqual(plain.pixels);
    const asked = await decode('damaged.vqk', '--conceal', 'transformer', '--conceal-weights', path('own'));
    expect(asked.pixels).toEqual(guessed.pixels);
    const copied = await decode('damaged.vqk', '--conceal', 'neighbours');
    expect(copied.pixels).toEqual(plain.pixels);
  });

  it('says nothing of whole files', async () => {
    const whole = await decode('a.vqk', '--conceal-weights', path('other'));
    expect(whole).toMatchObject({ status: 0, stderr: '', lostShare: 0 });
    expect(whole.concealedBy).toBeUndefined();
  });

  it('leaves a transformer of another model alone, and says so; refuses it where it was asked for', async () => {
    const other = ['--conceal-weights', path('other')];
    const auto = await decode('damaged.vqk', ...other);
    expect(auto).toMatchObject({ status: 0, concealedBy: 'neighbours' });
    expect(auto.stderr).toContain("no transformer for indices of 'tiny' but 'tf', which completes those of 'ph-9'");
    const asked = await decode('damaged.vqk', '--conceal', 'transformer', ...other);
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('WEIGHTS_UNUSABLE') });
    const tokenizer = await decode('damaged.vqk', '--conceal', 'transformer', '--conceal-weights', weights);
    expect(tokenizer.stderr).toContain('which completes none');
  });

  it('refuses weights that are not there, and weights for neighbours', async () => {
    const missing = await decode('a.vqk', '--conceal-weights', path('nothing'));
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining('WEIGHTS_UNUSABLE') });
    const both = await decode('a.vqk', '--conceal', 'neighbours', '--conceal-weights', path('own'));
    expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('expected no --conceal-weights') });
  });
});
