import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@vqkit/core';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomCrop } from './crop.ts';
import { drawnCrop } from './drawn-crop.ts';
import { openPairFolder, openPhotoFolder } from './photo-folder.ts';

const still = { jitter: 0, turns: false } as const;

function gradientImage(width: number, height: number): { data: Uint8Array; width: number; height: number } {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % width, Math.floor(pixel / width), 99][i % 3]!;
  });
  return { data, width, height };
}

describe('randomCrop', () => {
  it('keeps pixels as they are at scale 1, but for a flip', () => {
    const crop = randomCrop(gradientImage(100, 80), random(1), { size: 16, scale: [1, 1], ...still });
    const at = (x: number, y: number, c: number): number => (crop[(y * 16 + x) * 3 + c]! + 1) * 127.5;
    expect(Math.abs(at(1, 0, 0) - at(0, 0, 0))).toBeCloseTo(1, 3);
    expect(at(0, 1, 1) - at(0, 0, 1)).toBeCloseTo(1, 3);
    expect(at(5, 5, 2)).toBeCloseTo(99, 3);
  });

  it('averages when it scales down', () => {
    const checker = gradientImage(64, 64);
    checker.data.forEach((_, i) => {
      const pixel = Math.floor(i / 3);
      checker.data[i] = ((pixel % 64) + Math.floor(pixel / 64)) % 2 === 0 ? 0 : 255;
    });
    const crop = randomCrop(checker, random(1), { size: 16, scale: [0.5, 0.5], ...still });
    // A full period of the checkerboard under the kernel: grey, but where the edge clamps.
    const inner = [...crop].filter((_, i) => Math.floor(i / 48) % 15 !== 0 && Math.floor((i / 3) % 16) % 15 !== 0);
    expect(Math.max(...inner.map(Math.abs))).toBeLessThan(0.1);
  });

  it('is the same for the same stream and stays in range', () => {
    const image = gradientImage(300, 200);
    const crops = [random(7), random(7), random(8)].map((stream) => randomCrop(image, stream, { size: 32 }));
    expect(crops[0]).toEqual(crops[1]);
    expect(crops[0]).not.toEqual(crops[2]);
    expect(Math.max(...crops[0]!.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});

describe('drawnCrop', () => {
  it('is the same for the same stream, in range, and of many kinds', () => {
    expect(drawnCrop(random(3), 32)).toEqual(drawnCrop(random(3), 32));
    const crops = Array.from({ length: 200 }, (_, i) => drawnCrop(random(i), 32));
    expect(crops.every((crop) => crop.every((value) => Math.abs(value) <= 1))).toBe(true);
    const colours = crops.map(
      (crop) => new Set(Array.from({ length: 32 * 32 }, (_, i) => crop.slice(3 * i, 3 * i + 3).join())).size,
    );
    const single = colours.filter((count) => count === 1).length;
    expect(single).toBeGreaterThan(40);
    expect(single).toBeLessThan(100);
    expect(colours.filter((count) => count > 500).length).toBeGreaterThan(10);
  });
});

describe('openPhotoFolder', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-photos-'));
    const { data, width, height } = gradientImage(80, 60);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toFile(join(folder, 'a.jpg'));
    await sharp({ create: { width: 20, height: 50, channels: 4, background: '#ff000080' } })
      .png()
      .toFile(join(folder, 'small.png'));
    await sharp(data, { raw: { width, height, channels: 3 } })
      .greyscale()
      .jpeg()
      .toFile(join(folder, 'grey.jpg'));
    await writeFile(join(folder, 'notes.txt'), 'not a photo');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the same batches whenever and in whatever order they are asked for', async () => {
    const options = { folder, batch: 3, seed: 5, size: 32 };
    const [a, b] = await Promise.all([
      openPhotoFolder(options),
      openPhotoFolder({ ...options, ahead: 0, cacheBytes: 0 }),
    ]);
    const forward = [await a.batch(0), await a.batch(1), await a.batch(2)];
    const jump = await b.batch(2);
    expect(jump).toEqual(forward[2]);
    expect(jump.shape).toEqual([3, 32, 32, 3]);
    expect(jump.data).toHaveLength(3 * 32 * 32 * 3);
    expect(forward[0]).not.toEqual(forward[1]);
    const drawn = await openPhotoFolder({ ...options, drawn: 1 });
    expect((await drawn.batch(0)).data).not.toEqual(forward[0]!.data);
    expect(drawn.skipped).toEqual([]);
    await drawn.dispose();
    await Promise.all([a.dispose(), b.dispose()]);
  });

  it('leaves out photos that cannot be read, hidden files and those held out, and names the first kind', async () => {
    const own = await mkdtemp(join(tmpdir(), 'vqkit-mixed-'));
    const { data, width, height } = gradientImage(80, 60);
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer();
    await writeFile(join(own, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(join(own, 'empty.png'), '');
    await writeFile(join(own, '._a.jpg'), 'of macOS');
    await writeFile(join(own, 'a.jpg'), jpeg);
    await writeFile(join(own, 'held.jpg'), 'never read');
    await mkdir(join(own, 'folder.png'));
    await sharp(data, { raw: { width, height, channels: 3 } })
      .gif()
      .toFile(join(own, 'b.gif'));
    await writeFile(join(own, 'c.ppm'), Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), data]));
    const options = { folder: own, batch: 4, seed: 5, size: 16, without: ['held.jpg'] };
    const [whole, clean] = [await openPhotoFolder(options), await openPhotoFolder(options)];
    for (let i = 0; i < 6; i++) expect((await whole.batch(i)).data).toHaveLength(4 * 16 * 16 * 3);
    expect(whole.skipped!.map(({ file }) => file).sort()).toEqual([join(own, 'cut.jpg'), join(own, 'empty.png')]);
    expect(whole.skipped!.every(({ reason }) => reason !== '' && !reason.includes('\n'))).toBe(true);
    // What is left out does not depend on the order in which it was found.
    expect(await clean.batch(5)).toEqual(await (await openPhotoFolder(options)).batch(5));
    await Promise.all([whole.dispose(), clean.dispose()]);
    await rm(own, { recursive: true });
  });

  it('answers after it was disposed, with an error', async () => {
    const source = await openPhotoFolder({ folder, batch: 1, seed: 1, size: 16 });
    const pending = source.batch(0);
    pending.catch(() => undefined);
    await source.dispose();
    await expect(Promise.race([pending.then(() => source.batch(9)), pending])).rejects.toThrow(/has ended/);
    await expect(source.batch(10)).rejects.toThrow(/has ended/);
  });

  it('gives small images beside the crops: MATLAB’s reduction, or the web’s', async () => {
    for (const degradation of ['bicubic', 'mild', 'full'] as const) {
      const options = { folder, batch: 2, seed: 5, size: 32, degradation };
      const [a, b] = await Promise.all([openPairFolder(options), openPairFolder(options)]);
      const [{ large, small }, again] = [await a.batch(1), await b.batch(1)];
      expect([large.shape, small.shape]).toEqual([
        [2, 32, 32, 3],
        [2, 8, 8, 3],
      ]);
      expect(again.small.data).toEqual(small.data);
      const data = Uint8ClampedArray.from(large.data.subarray(0, 32 * 32 * 3) as Float32Array, (v) => (v + 1) * 127.5);
      const ideal = resizeMatlabBicubic({ data, width: 32, height: 32 }, { width: 8, height: 8 }).data;
      const first = Array.from(small.data.subarray(0, 8 * 8 * 3) as Float32Array, (v) => Math.round((v + 1) * 127.5));
      if (degradation === 'bicubic') expect(first).toEqual([...ideal]);
      else expect(first).not.toEqual([...ideal]);
      await Promise.all([a.dispose(), b.dispose()]);
    }
  });

  it('says when there are no photos, no folder, or a broken file', async () => {
    await expect(
      openPhotoFolder({ folder: join(folder, 'missing'), batch: 1, seed: 1, size: 16 }),
    ).rejects.toMatchObject({ code: 'DATA_MISSING' });
    const broken = await mkdtemp(join(tmpdir(), 'vqkit-broken-'));
    await expect(openPhotoFolder({ folder: broken, batch: 1, seed: 1, size: 16 })).rejects.toMatchObject({
      code: 'DATA_MISSING',
    });
    await writeFile(join(broken, 'x.jpg'), 'nonsense');
    const source = await openPhotoFolder({ folder: broken, batch: 1, seed: 1, size: 16 });
    await expect(source.batch(0)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    await source.dispose();
    await rm(broken, { recursive: true, force: true });
  });
});
