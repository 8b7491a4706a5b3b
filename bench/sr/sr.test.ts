import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { random } from '@vqkit/core';
import { createLpipsMeter, loadNiqe } from '@vqkit/metrics';
import { writeWeights } from '@vqkit/tokenizer/node';
import { degrade, mildDegradation, sharpen } from '@vqkit/training';
import { files as published } from '@vqkit/weights-sr-x4-real';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath, lacks } from '../../tooling/shared-data.ts';
import { tinyFiles } from '../../tooling/tiny-sr-weights.ts';
import { hasPeer } from '../harness/peers.ts';
import { enlargeMissing, fileOf, missingOf, scoreMissing } from './contest.ts';
import { contestants, versionOf } from './contestants.ts';
import { picturesOf, readLarge, type SetPicture, smallOf } from './pictures.ts';
import { idOf, readResults, rowOf } from './results.ts';
import { drawContest } from './sheet.ts';

const files = ['weights/lpips_squeeze_v0.1.safetensors', 'weights/niqe_pristine.safetensors'] as const;
let folder: string;
let pictures: SetPicture[];
const log = (): void => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-bench-sr-'));
  await writeWeights(join(folder, 'weights'), await tinyFiles());
  for (const [set, width, height, channels] of [
    ['colour', 230, 203, 3],
    ['grey', 44, 40, 1],
  ] as const) {
    await mkdir(join(folder, set));
    const stream = random(width);
    const data = Uint8Array.from({ length: width * height * channels }, () => 256 * stream.next());
    await sharp(data, { raw: { width, height, channels } })
      .blur(2)
      .png()
      .toFile(join(folder, set, 'a.png'));
    await writeFile(join(folder, set, 'readme.txt'), 'no picture');
  }
  pictures = await picturesOf(folder, ['colour', 'grey'], 3);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the benchmark of super-resolution', () => {
  it('reads pictures as RGB, cut to multiples of 4, and reduces them to a quarter', async () => {
    expect(pictures.map(idOf)).toEqual(['colour/a.png', 'grey/a.png']);
    const sizes = await Promise.all(
      pictures.map(async (picture) => {
        const large = await readLarge(picture);
        expect(large.data).toHaveLength(large.width * large.height * 3);
        return [large, await smallOf(picture)].map(({ width, height }) => [width, height]);
      }),
    );
    expect(sizes).toEqual([
      [
        [228, 200],
        [57, 50],
      ],
      [
        [44, 40],
        [11, 10],
      ],
    ]);
  });

  it('degrades as training does, the same for the same seed and picture', async () => {
    const small = async (i: number, seed: number) =>
      Buffer.from((await smallOf(pictures[i]!, { degradation: 'mild', seed })).data).toString('base64');
    const clean = Buffer.from((await smallOf(pictures[0]!)).data).toString('base64');
    const first = await small(0, 1);
    expect(await small(0, 1)).toBe(first);
    expect(new Set([clean, first, await small(0, 2)]).size).toBe(3);
    const { data, width, height } = await readLarge(pictures[0]!);
    // another name, another draw
    const renamed = { ...pictures[0]!, name: 'b.png' };
    expect(Buffer.from((await smallOf(renamed, { degradation: 'mild', seed: 1 })).data).toString('base64')).not.toBe(
      first,
    );
    const stream = random(1).split(createHash('sha256').update('colour/a.png').digest().readUInt32LE());
    const degraded = await degrade(
      sharpen({ data: Float32Array.from(data), width, height }),
      { width: width / 4, height: height / 4 },
      stream,
      mildDegradation,
    );
    expect(Buffer.from(Uint8Array.from(degraded.data)).toString('base64')).toBe(first);
  });

  it.skipIf(lacks(...files))(
    `enlarges, scores and remembers${lacks(...files) ? ' (skipped: LPIPS or NIQE weights not found, set VQKIT_DATA)' : ''}`,
    async () => {
      const backend = await onnx();
      const meter = await createLpipsMeter(backend, dataPath(files[0]), { backbone: 'squeeze' });
      const judge = { meter, pristine: await loadNiqe(dataPath(files[1])) };
      const settings = { weights: join(folder, 'weights'), log };
      const rows: Record<string, ReturnType<typeof rowOf>> = {};
      for (const name of ['bicubic', 'lanczos', 'vqkit-onnx']) {
        const out = join(folder, 'out', await versionOf(name, settings));
        await enlargeMissing(name, out, pictures.slice(1), settings);
        const first = await readResults(out);
        expect((await missingOf(out, pictures)).map(idOf)).toEqual(['colour/a.png']);
        await enlargeMissing(name, out, pictures, settings);
        await scoreMissing(out, pictures, judge);
        const results = await readResults(out);
        expect(results['grey/a.png']).toMatchObject(first['grey/a.png']!);
        expect(results['grey/a.png']!.scores!.niqe).toBeNull();
        expect(await sharp(fileOf(out, pictures[0]!)).metadata()).toMatchObject({ width: 228, height: 200 });
        rows[name] = rowOf(name, 'colour', pictures, results);
        // Nothing is left to do: not even the contestant is opened.
        await enlargeMissing('nobody', out, pictures, settings);
      }
      expect(rows.bicubic).toMatchObject({ set: 'colour', pictures: 1 });
      expect(rows.bicubic!.psnrY).toBeGreaterThan(rows['vqkit-onnx']!.psnrY as number);
      expect(rows.bicubic!.lpips).not.toBe(rows.lanczos!.lpips);
      for (const row of Object.values(rows)) expect(row.niqe).toBeGreaterThan(0);
      meter.dispose();
      backend.dispose();
    },
  );

  it('draws crops of the photos that are there, a column for each contestant', async () => {
    const photo = { ...pictures[0]!, set: 'kodak', name: 'kodim23.png' };
    const columns = [
      { title: 'Bicubic', folder: join(folder, 'drawn/bicubic') },
      { title: 'Lanczos', folder: join(folder, 'drawn/lanczos') },
    ];
    for (const { title, folder: out } of columns) await enlargeMissing(title.toLowerCase(), out, [photo], { log });
    const file = join(folder, 'sheet.webp');
    expect(await drawContest(file, [pictures[1]!, photo], columns)).toBe(1);
    const { format, width } = await sharp(file).metadata();
    expect([format, width]).toEqual(['webp', 4 * (2 * 224 + 10) + 10]);
    // Columns differ: pixels in squares, each contestant's, the original.
    const middles = [0, 1, 2, 3].map((column) => ({ left: 20 + 458 * column, top: 60, width: 300, height: 200 }));
    const parts = middles.map((place) => sharp(file).extract(place).raw().toBuffer());
    expect(new Set((await Promise.all(parts)).map((part) => part.toString('base64'))).size).toBe(4);
    expect(await drawContest(file, [pictures[1]!], columns)).toBe(0);
  });

  it('tells results of other weights apart', async () => {
    const name = await versionOf('vqkit-onnx', { weights: join(folder, 'weights'), threads: 1 });
    expect(name).toMatch(/^vqkit-onnx-1-[0-9a-f]{12}$/);
    expect(await versionOf('esrgan-slim', {})).toBe('esrgan-slim');
    // --weights stand for those of clean pictures; the others are the published ones
    const [clean, real] = await Promise.all([versionOf('vqkit-onnx', {}), versionOf('vqkit-real-onnx', {})]);
    expect(clean).not.toBe(await versionOf('vqkit-onnx', { weights: join(folder, 'weights') }));
    expect(real).toBe(await versionOf('vqkit-real-onnx', { weights: join(folder, 'weights') }));
    expect(real).toBe(`vqkit-real-onnx-${published['weights.safetensors'].sha256.slice(0, 12)}`);
  });

  const needsPeers = hasPeer('@upscalerjs/esrgan-slim/4x') ? '' : ' (skipped: run node scripts/install-peers.mjs)';
  it.skipIf(needsPeers)(`runs UpscalerJS's models with their own layers and ranges${needsPeers}`, async () => {
    const large = await readLarge(pictures[1]!);
    const small = await smallOf(pictures[1]!);
    for (const name of ['esrgan-slim', 'esrgan-medium', 'esrgan-thick']) {
      const enlarger = await contestants[name]!({});
      await enlarger.prepare(small.width, small.height);
      const { data, ...size } = await enlarger.enlarge(small);
      expect(size).toEqual({ width: 44, height: 40, channels: 3 });
      const off = data.reduce((sum, value, i) => sum + Math.abs(value - large.data[i]!), 0) / data.length;
      expect(off).toBeLessThan(12);
      enlarger.dispose();
    }
  });
});
