import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, tinyWeights } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';

interface Report {
  readonly images: readonly Record<string, unknown>[];
  readonly mean: Record<string, number | null>;
  readonly against: Record<string, { images: unknown[]; mean: Record<string, number | null> }>;
  readonly rates: readonly { codebookSize: number; images: Record<string, number>[]; mean: Record<string, number> }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-eval-'));
  await mkdir(join(folder, 'photos'));
  for (const [i, [width, height]] of [
    [64, 48],
    [40, 56],
  ].entries()) {
    const data = Uint8Array.from({ length: width! * height! * 3 }, (_, k) => 128 + 90 * Math.sin(k / (30 + 9 * i)));
    await sharp(data, { raw: { width: width!, height: height!, channels: 3 } })
      .png()
      .toFile(join(folder, 'photos', `${i}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('vqkit eval', () => {
  it('leaves broken files out of the means, and says so', async () => {
    await mkdir(join(folder, 'mixed'));
    await copyFile(join(folder, 'photos', '0.png'), join(folder, 'mixed', '0.png'));
    for (const name of ['empty.jpg', '._0.png']) await writeFile(join(folder, 'mixed', name), '');
    await mkdir(join(folder, 'mixed', 'sub.png'));
    const { status, stdout, stderr } = await runHere(['eval', join(folder, 'mixed'), '--json', ...tinyWeights]);
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as Report & { skipped: { file: string }[] };
    expect(report.images).toHaveLength(1);
    expect(report.skipped.map(({ file }) => file)).toEqual([join(folder, 'mixed', 'empty.jpg')]);
    expect(stderr).toMatch(/left out .*empty\.jpg/);
  });

  it('scores all images at all rates and with other codecs, and draws and writes them up', async () => {
    const args = ['eval', 'photos', '--codes', '8,64', '--against', 'jpeg,avif-half', '--picture', 'chart.png'];
    const { status, stdout, stderr } = await runCli([...args, '--report', 'page.md', '--json', ...tinyWeights], {
      cwd: folder,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { images, mean, against, rates } = JSON.parse(stdout.toString()) as Report;

    expect(images.map(({ file, width, height, codebookSize }) => [file, width, height, codebookSize])).toEqual([
      [join('photos', '0.png'), 64, 48, 64],
      [join('photos', '1.png'), 40, 56, 64],
    ]);
    expect(Object.keys(mean)).toEqual(['bpp', 'psnr', 'ssim', 'msSsim', 'lpipsSqueeze']);
    expect(mean).toMatchObject({ msSsim: null, lpipsSqueeze: null });
    expect(mean.bpp).toBeCloseTo((images as { bpp: number }[]).reduce((sum, { bpp }) => sum + bpp, 0) / 2, 10);

    expect(rates.map(({ codebookSize }) => codebookSize)).toEqual([8, 64]);
    expect(rates[1]!.images).toEqual(images);
    expect(rates[0]!.mean.bpp).toBeLessThan(rates[1]!.mean.bpp!);
    for (const image of rates[0]!.images) {
      expect(image.bpp).toBeCloseTo((8 * image.bytes!) / (image.width! * image.height!), 10);
    }

    expect(Object.keys(against)).toEqual(['jpeg', 'avif-half']);
    expect(against.jpeg!.images).toHaveLength(2);
    expect(against.jpeg!.mean.psnr).toBeGreaterThan(5);

    expect((await sharp(join(folder, 'chart.png')).metadata()).width).toBeGreaterThan(600);
    const page = await readFile(join(folder, 'page.md'), 'utf8');
    expect(page).toContain('vqkit eval photos --codes 8,64');
    expect(page).toContain('](chart.png)');
    expect(page).toContain('weights `tiny`');
  });

  it('prints tables', async () => {
    const { status, stdout } = await runCli(['eval', 'photos', '--limit', '1', ...tinyWeights], { cwd: folder });
    expect(status).toBe(0);
    const lines = stdout.toString().split('\n');
    expect(lines[0]).toMatch(/^image +bytes +bpp +PSNR dB +SSIM +MS-SSIM +LPIPS/);
    expect(lines[1]).toMatch(/^0\.png +\d+ +0\.\d{4}/);
    expect(lines.filter((line) => line.startsWith('1.png'))).toEqual([]);
  });

  it('stops at Ctrl-C without a picture or a page', async () => {
    // More work than the fastest machine does before the signal.
    await mkdir(join(folder, 'many'));
    for (let i = 0; i < 100; i += 1) await copyFile(join(folder, 'photos/0.png'), join(folder, `many/${i}.png`));
    const args = ['eval', 'many', '--against', 'avif', '--picture', 'stopped.png', '--backend', 'cpu'];
    const { status, stdout, stderr } = await runCli([...args, ...tinyWeights], { cwd: folder, interruptAfterMs: 1500 });
    expect(status).not.toBe(0);
    expect(stdout.length).toBe(0);
    if (status === 130) expect(stderr).toMatch(/^error ABORTED: /);
    await expect(readFile(join(folder, 'stopped.png'))).rejects.toThrow();
  });
});
