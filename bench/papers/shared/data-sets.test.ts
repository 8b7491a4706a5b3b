import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Raster } from '@vqkit/images';
import { parseIdx } from '@vqkit/training';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadCifar, parseCifar } from './cifar.ts';

it('reads IDX files and refuses others', () => {
  const bytes = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
  const size = { height: 1, width: 3, channels: 1 };
  expect(parseIdx(bytes)).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)].map((data) => ({ data, ...size })));
  expect(() => parseIdx(bytes.subarray(0, 20))).toThrow(/expected 2 images/);
  expect(() => parseIdx(new Uint8Array(30))).toThrow(/IDX/);
});

describe('CIFAR-10', () => {
  /** A record of the official form: every pixel has red 10·k, green its column, blue its row. */
  const record = (k: number): number[] => [
    k,
    ...Array.from({ length: 1024 }, () => 10 * k),
    ...Array.from({ length: 1024 }, (_, i) => i % 32),
    ...Array.from({ length: 1024 }, (_, i) => Math.floor(i / 32)),
  ];
  const pixelOf = ({ data }: Raster, x: number, y: number): number[] => [
    ...data.subarray(3 * (32 * y + x)).subarray(0, 3),
  ];

  it('is read from the official binary files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-cifar-'));
    const own = join(folder, 'cifar-10-batches-bin');
    await mkdir(own);
    await writeFile(join(own, 'data_batch_1.bin'), Uint8Array.from([...record(1), ...record(2)]));
    await writeFile(join(own, 'data_batch_2.bin'), Uint8Array.from(record(3)));
    await writeFile(join(own, 'test_batch.bin'), Uint8Array.from(record(4)));
    const { train, trainLabels, test, testLabels } = await loadCifar(folder);
    expect([[...trainLabels], [...testLabels]]).toEqual([[1, 2, 3], [4]]);
    expect(train.map((image) => pixelOf(image, 5, 7))).toEqual([1, 2, 3].map((k) => [10 * k, 5, 7]));
    expect(test.map((image) => pixelOf(image, 31, 0))).toEqual([[40, 31, 0]]);
    expect(test[0]).toMatchObject({ width: 32, height: 32, channels: 3 });
    await expect(loadCifar(join(folder, 'none'))).rejects.toThrow(/expected data_batch_1.bin/);
    await rm(folder, { recursive: true });
    expect(() => parseCifar(new Uint8Array(3072), 'a.bin')).toThrow(/records of 3073 bytes in a.bin, got 3072/);
    expect(() => parseCifar(new Uint8Array(0))).toThrow(/got 0 bytes/);
  });

  it('is read from sheets of each class, whose images come in turns', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-cifar-'));
    const sheet = async (name: string, colours: readonly (readonly number[])[]): Promise<void> => {
      const data = new Uint8Array(64 * 32 * 3);
      for (let i = 0; i < data.length; i++) data[i] = colours[Math.floor((Math.floor(i / 3) % 64) / 32)]![i % 3]!;
      const raw = { width: 64, height: 32, channels: 3 } as const;
      await sharp(data, { raw }).webp({ lossless: true }).toFile(join(folder, name));
    };
    for (const split of ['train', 'test']) {
      await sheet(`${split}-0-airplane.webp`, [
        [1, 2, 3],
        [4, 5, 6],
      ]);
      await sheet(`${split}-1-bird.webp`, [
        [7, 8, 9],
        [10, 11, 12],
      ]);
    }
    const { train, trainLabels, test } = await loadCifar(folder);
    expect([...trainLabels]).toEqual([0, 1, 0, 1]);
    const first = [
      [1, 2, 3],
      [7, 8, 9],
      [4, 5, 6],
      [10, 11, 12],
    ];
    for (const images of [train, test]) expect(images.map((image) => pixelOf(image, 31, 31))).toEqual(first);
    await rm(folder, { recursive: true });
  });
});
