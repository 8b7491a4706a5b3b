import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitFile } from '@vqkit/codec/bitstream';
import { type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import { writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noisePhoto } from '../../../tooling/noise-photo.ts';
import { tinyTransformer } from '../../../tooling/tiny-transformer.ts';
import { runCli } from './testing/run-cli.ts';
import { runHere } from './testing/run-here.ts';
import * as tiny from './testing/tiny-weights.ts';

/** What is installed by the name of the default transformer; undefined for what really is. */
let installed: (() => Promise<WeightsPackage>) | undefined;
vi.mock(import('./import-weights.ts'), async (importOriginal) => {
  const original = await importOriginal();
  const isDefault = (name: string): boolean => name === '@vqkit/weights-photo-transformer' && installed !== undefined;
  return { ...original, importWeights: (name) => (isDefault(name) ? installed!() : original.importWeights(name)) };
});

const weights = new URL('./testing/tiny-weights.ts', import.meta.url).pathname;

/** A folder with a transformer of random weights for the indices of `tokenizer`. */
async function writeTransformer(folder: string, id: string): Promise<void> {
  await writeWeights(folder, await tinyTransformer({ manifest: { ...tiny.manifest, id }, load: tiny.load }));
}

describe('vqkit decode --conceal', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-conceal-'));
    await sharp(...noisePhoto({ width: 160, height: 96, deviation: 60 })).toFile(path('a.png'));
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
    expect(plain.stderr).not.toContain('cannot be used');
    expect(plain.stderr).toContain('25.0 % of the picture is lost or damaged and was guessed by neighbours');
    const guessed = await decode('damaged.vqk', '--conceal-weights', path('own'));
    expect(guessed).toMatchObject({ status: 0, concealedBy: 'transformer' });
    expect(guessed.pixels).not.toEqual(plain.pixels);
    const asked = await decode('damaged.vqk', '--conceal', 'transformer', '--conceal-weights', path('own'));
    expect(asked.pixels).toEqual(guessed.pixels);
    const copied = await decode('damaged.vqk', '--conceal', 'neighbours');
    expect(copied.pixels).toEqual(plain.pixels);
  });

  it('fills in by neighbours where the default transformer is installed but broken, and says so in one line', async () => {
    const lacking = "Cannot find package 'left-pad' imported from @vqkit/weights-photo-transformer";
    const unusable = (cause: Error) => () => Promise.reject(new Error('unusable', { cause }));
    const ways = [
      unusable(new SyntaxError('Unexpected token')),
      unusable(Object.assign(new Error(lacking), { code: 'ERR_MODULE_NOT_FOUND' })),
      async () => ({ ...weightsOf(await tinyTransformer(tiny)), load: async () => new Uint8Array(9) }),
    ];
    for (const way of ways) {
      installed = way;
      const { status, stderr, concealedBy } = await decode('damaged.vqk');
      expect([status, concealedBy]).toEqual([0, 'neighbours']);
      const lines = stderr.split('\n').filter((line) => line.includes('@vqkit/weights-photo-transformer'));
      expect(lines).toEqual([
        expect.stringMatching(/^warning: .* is installed but cannot be used \(.+\): neighbours fill in/),
      ]);
    }
    installed = undefined;
    const asked = await decode('damaged.vqk', '--conceal', 'transformer');
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('WEIGHTS_UNUSABLE') });
  });

  it('is the same for a whole batch, whose losses are told once', async () => {
    await mkdir(path('many'));
    for (const name of ['a', 'b', 'c']) await copyFile(path('damaged.vqk'), path(`many/${name}.vqk`));
    const batch = async (out: string, ...more: string[]) => {
      const args = ['batch', 'decode', path('many'), '-o', path(out), '--weights', weights, '--backend', 'cpu'];
      const { status, stderr } = await runCli([...args, '--workers', '1', ...more]);
      const pixels =
        status === 0
          ? await sharp(path(`${out}/b.png`))
              .raw()
              .toBuffer()
          : undefined;
      return { status, pixels, warnings: stderr.split('\n').filter((line) => line.startsWith('warning: ')) };
    };
    const lost = (by: string): RegExp =>
      new RegExp(`^warning: .*a\\.vqk'?: 25\\.0 % .* guessed by ${by}; likewise 2 more of 3 inputs$`);
    const own = await batch('by-own', '--conceal-weights', path('own'));
    expect(own).toMatchObject({ status: 0, warnings: [expect.stringMatching(lost('the transformer'))] });
    expect(own.pixels).toEqual((await decode('damaged.vqk', '--conceal-weights', path('own'))).pixels);
    const plain = await batch('by-neighbours', '--conceal', 'neighbours');
    expect(plain).toMatchObject({ status: 0, warnings: [expect.stringMatching(lost('neighbours'))] });
    expect(plain.pixels).toEqual((await decode('damaged.vqk')).pixels);
    expect((await batch('none', '--conceal-weights', path('nothing'))).status).toBe(1);
    expect((await batch('none', '--conceal', 'neighbours', '--conceal-weights', path('own'))).status).toBe(2);
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
    expect(auto.stderr).toContain(
      "no transformer for indices of 'tiny' but 'tiny-tf', which completes those of 'ph-9'",
    );
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
