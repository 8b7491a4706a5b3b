import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostTensor, openSafetensors, random, sizeOf, writeSafetensors } from '@vqkit/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../testing/run-here.ts';
import fixture from './fixtures/vqgan-shapes.json' with { type: 'json' };

/** Both made by packages/models/scripts/make-taming-fixtures.py: what pytorch-lightning writes, each tensor one value repeated, and its shapes. */
const checkpoint = fileURLToPath(new URL('./fixtures/lightning-vqgan.pth', import.meta.url));
const shapes: Readonly<Record<string, readonly number[]>> = fixture;

describe('vqkit import-vqgan', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await runHere(args);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-import-'));
    const stream = random(1);
    const tensors = Object.entries(shapes).map(([name, shape]): [string, HostTensor] => [
      name,
      { data: stream.normalArray(sizeOf(shape), 0, shape.length === 4 ? 0.05 : 0.5), shape, dtype: 'f32' },
    ]);
    await writeFile(at('vqgan.safetensors'), writeSafetensors(Object.fromEntries(tensors)));
    await sharp({ create: { width: 21, height: 18, channels: 3, background: '#39c' } })
      .png()
      .toFile(at('photo.png'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('makes a package with which encode, inspect and decode work', async () => {
    const out = at('package');
    const report = JSON.parse(await ok('import-vqgan', at('vqgan.safetensors'), '--out', out, '--json'));
    expect(report).toMatchObject({ scale: 2, codes: 16, dimension: 8 });
    expect(report.parameters).toBe(Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0));
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      architecture: 'vqgan',
      options: { channels: 32, multipliers: [1, 2], attentionLevels: [0] },
      quantizer: { name: 'vq', options: { codes: 16, dimension: 8 } },
    });
    await ok('encode', at('photo.png'), '-o', at('photo.vqk'), '--weights', out, '--backend', 'cpu');
    const facts = JSON.parse(await ok('inspect', at('photo.vqk'), '--json'));
    expect(facts).toMatchObject({ width: 21, height: 18, modelId: manifest.id });
    await ok('decode', at('photo.vqk'), '-o', at('again.png'), '--weights', out, '--backend', 'cpu');
    expect(await sharp(at('again.png')).metadata()).toMatchObject({ width: 21, height: 18 });
  });

  it('reads the checkpoint that training writes, without what training alone needs', async () => {
    expect(await ok('import-vqgan', checkpoint, '--out', at('lightning'), '--precision', 'f32')).toMatch(
      /VQGAN at 1\/2, 16 codes of 8/,
    );
    const file = await openSafetensors(await readFile(join(at('lightning'), 'weights.safetensors')));
    expect(file.names).toHaveLength(Object.keys(shapes).length);
    const names = Object.keys(shapes);
    const valueOf = (name: string): number => ((names.indexOf(name) % 7) - 3) / 64;
    const values = async (name: string) => [...new Set((await file.read(name)).data)];
    expect(await values('quantizer.codebook')).toEqual([valueOf('quantize.embedding.weight')]);
    expect(await values('encoder.0.weight')).toEqual([valueOf('encoder.conv_in.weight')]);
  });

  it('refuses other files, and never loses a package', async () => {
    const refused = async (status: number, code: string, ...args: string[]) => {
      const { status: got, stderr } = await runHere(['import-vqgan', ...args]);
      expect([got, stderr]).toEqual([status, expect.stringContaining(`error ${code}`)]);
    };
    await refused(2, 'OUTPUT_EXISTS', at('vqgan.safetensors'), '--out', at('package'));
    await ok('import-vqgan', at('vqgan.safetensors'), '--out', at('package'), '--force');
    const own = join(at('package'), 'weights.safetensors');
    await refused(2, 'OUTPUT_IS_INPUT', own, '--out', at('package'), '--force');
    await refused(1, 'ARCHITECTURE_UNKNOWN', own, '--out', at('other'));
    await refused(1, 'INPUT_UNREADABLE', at('none.ckpt'), '--out', at('other'));
    await refused(1, 'WEIGHTS_DAMAGED', at('photo.png'), '--out', at('other'));
    // A call of os.system, as a pickle has it.
    await writeFile(at('evil.ckpt'), 'cos\nsystem\n(X\u0004\0\0\0truetR.');
    const { stderr } = await runHere(['import-vqgan', at('evil.ckpt'), '--out', at('other')]);
    expect(stderr).toMatch(/error (PICKLE_UNSAFE|WEIGHTS_DAMAGED): .*safetensors/);
  });
});
