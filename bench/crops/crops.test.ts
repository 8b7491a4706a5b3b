/** The picture of a model card, from tiny photos and an untrained model. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import benchmark from './crops.bench.ts';
import { fairAvif } from './fair-avif.ts';
import { drawSheet } from './sheet.ts';

/** Waves in all directions: nothing that a small picture of it could show whole. */
function photoOf(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 60 * Math.sin(x / 5 + (i % 3)) + 60 * Math.cos((x * y) / 900);
  });
  return { data, width, height, channels: 3 };
}

describe('fairAvif', () => {
  it('takes at most the bytes, reduced where the whole photo has more at any quality, and gives the size back', async () => {
    const photo = photoOf(128, 96);
    const smallest = await sharp(photo.data, { raw: { width: 128, height: 96, channels: 3 } })
      .avif({ quality: 1, effort: 6, chromaSubsampling: '4:2:0' })
      .toBuffer();
    const limit = smallest.length - 1;
    const [many, few] = [await fairAvif(photo, 1e5), await fairAvif(photo, limit)];
    for (const made of [many!, few!]) {
      expect(made.picture).toMatchObject({ width: 128, height: 96, channels: 3 });
      expect(made.picture.data).toHaveLength(128 * 96 * 3);
    }
    expect(many).toMatchObject({ factor: 1, quality: 100 });
    expect(few!.factor).toBeGreaterThan(1);
    expect(few!.bytes).toBeLessThanOrEqual(limit);
    expect(few!.bytes).toBeGreaterThan(limit / 2);
    expect(await fairAvif(photo, 50)).toBeUndefined();
  });
});

describe('drawSheet', () => {
  it('shows every version of a crop twice as large, and its facts in letters under it', async () => {
    const photo = photoOf(300, 200);
    const crop = { left: 40, top: 20 };
    const plain = await drawSheet(['a'], [{ crop, versions: [{ picture: photo, facts: '' }] }]);
    const labelled = await drawSheet(['a'], [{ crop, versions: [{ picture: photo, facts: '1,234 bytes' }] }]);
    const { data, info } = await sharp(labelled).raw().toBuffer({ resolveWithObject: true });
    const [gap, title] = [10, 44];
    for (const [x, y] of [
      [0, 0],
      [447, 319],
      [100, 33],
    ] as const) {
      const shown = data.subarray(((title + y) * info.width + gap + x) * 3).subarray(0, 3);
      const at = ((crop.top + (y >> 1)) * photo.width + crop.left + (x >> 1)) * 3;
      expect([...shown]).toEqual([...photo.data.subarray(at, at + 3)]);
    }
    expect(labelled.equals(plain)).toBe(false);
  });
});

describe('npm run bench -- crops', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-crops-'));
    for (const name of ['04', '08', '15', '16', '23']) {
      const { data, ...raw } = photoOf(240, 176);
      await sharp(data, { raw: { ...raw, channels: 3 } })
        .png()
        .toFile(join(folder, `kodim${name}.png`));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('draws a column for each set of weights and one for AVIF, which never has more bytes', async () => {
    const tiny = fileURLToPath(new URL('../../packages/cli/src/testing/tiny-weights.ts', import.meta.url));
    const output = join(folder, 'sheet.webp');
    const args = ['--weights', `${tiny},${tiny}`, '--bpp', '0.3', '--photos', folder, '-o', output, '--threads', '1'];
    const { items } = await benchmark({ args, log: () => undefined });
    expect(await sharp(output).metadata()).toMatchObject({ format: 'webp', width: 4 * 458 + 10 });
    const bytesOf = (coder: string): number[] =>
      items.filter((item) => item.coder === coder).map(({ bytes }) => bytes as number);
    expect(bytesOf('tiny')).toHaveLength(10);
    const limits = bytesOf('tiny').filter((_, i) => i % 2 === 0);
    bytesOf('AVIF').forEach((bytes, i) => {
      expect(bytes).toBeLessThanOrEqual(limits[i]!);
    });
  });
});
