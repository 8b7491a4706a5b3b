import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { runCli, tinyWeights } from './testing/run-cli.ts';
import { runHere as run } from './testing/run-here.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-cli-'));
  const data = Uint8Array.from({ length: 70 * 50 * 3 }, (_, i) => 128 + 90 * Math.sin(i / 40));
  const photo = sharp(data, { raw: { width: 70, height: 50, channels: 3 } });
  await photo.clone().png().toFile(at('photo.png'));
  await photo.clone().withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  await photo.clone().resize(40, 40).ensureAlpha(0.5).png().toFile(at('alpha.png'));
  await writeFile(at('broken.png'), 'not an image');
  await writeFile(at('broken.vqk'), 'not a vqk');
});
afterAll(() => rm(folder, { recursive: true }));

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('encode, inspect and decode', () => {
  it('round-trip a photo and agree about it', async () => {
    const encoded = await run(['encode', at('photo.png'), '-o', at('a.vqk'), '--json', ...tinyWeights]);
    expect(encoded).toMatchObject({ status: 0, stderr: '' });
    const report = json(encoded.stdout);
    expect(Object.keys(report)).toEqual([
      'file',
      'width',
      'height',
      'bytes',
      'bpp',
      'codebookSize',
      'backend',
      'milliseconds',
    ]);
    expect(report).toMatchObject({ file: at('a.vqk'), width: 70, height: 50, codebookSize: 64, backend: 'onnx' });
    expect(report.bpp).toBeCloseTo((8 * (report.bytes as number)) / 3500, 10);

    const { file, width, height, bytes, bpp, codebookSize } = report;
    const inspected = await run(['inspect', at('a.vqk'), '--json']);
    expect(json(inspected.stdout)).toMatchObject({
      file,
      width,
      height,
      bytes,
      bpp,
      codebookSize,
      modelId: 'tiny',
    });

    for (const name of ['a.png', 'a.jpg', 'a.webp', 'a.avif']) {
      const decoded = await run(['decode', at('a.vqk'), '-o', at(name), '--json', ...tinyWeights]);
      expect(decoded).toMatchObject({ status: 0, stderr: '' });
      expect(json(decoded.stdout)).toMatchObject({ file: at(name), width, height, channels: 3, bytes, bpp });
      expect(await sharp(at(name)).metadata()).toMatchObject({ width, height });
    }
  });

  it('speak in one line without --json', async () => {
    expect((await run(['encode', at('photo.png'), '-o', at('b.vqk'), ...tinyWeights])).stdout).toMatch(
      /b\.vqk: 70×50, [\d,]+ bytes, \d\.\d{4} bpp, 64 codes, .* on onnx\n$/,
    );
    expect((await run(['inspect', at('b.vqk')])).stdout).toMatch(/b\.vqk: 70×50, .* model tiny, format \d+\n$/);
    expect((await run(['decode', at('b.vqk'), '-o', at('b.png'), ...tinyWeights])).stdout).toMatch(
      /b\.png: 70×50, .* on onnx\n$/,
    );
  });

  it('keep to what --bytes, --bpp and --codes allow', async () => {
    const encode = async (...args: string[]): Promise<Record<string, unknown>> =>
      json((await run(['encode', at('photo.png'), '-o', at('c.vqk'), '--json', ...args, ...tinyWeights])).stdout);
    const [large, small] = [await encode(), await encode('--codes', '8')];
    expect(small.codebookSize).toBe(8);
    const limit = small.bytes as number;
    expect(await encode('--bytes', `${limit}`)).toMatchObject({ codebookSize: 8, bytes: limit });
    expect(await encode('--bpp', `${large.bpp}`)).toMatchObject({ codebookSize: 64, bytes: large.bytes });
    const refused = await run(['encode', at('photo.png'), '-o', at('none.vqk'), '--bytes', '5', ...tinyWeights]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^error RATE_TOO_LOW: /);
    expect(await readdir(folder)).not.toContain('none.vqk');
  });

  it('turn photos upright and keep alpha', async () => {
    await run(['encode', at('turned.jpg'), '-o', at('turned.vqk'), ...tinyWeights]);
    expect(json((await run(['inspect', at('turned.vqk'), '--json'])).stdout)).toMatchObject({ width: 50, height: 70 });
    await run(['encode', at('alpha.png'), '-o', at('alpha.vqk'), ...tinyWeights]);
    await run(['decode', at('alpha.vqk'), '-o', at('alpha-restored.png'), ...tinyWeights]);
    const { data, info } = await sharp(at('alpha-restored.png')).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    expect(data[3]).toBe(127);
  });

  it('stream from standard input to standard output', async () => {
    const photo = await sharp(at('photo.png')).png().toBuffer();
    const encoded = await runCli(['encode', '-', '-o', '-', ...tinyWeights], { input: photo });
    expect(encoded.status).toBe(0);
    expect(encoded.stderr).toContain('70×50');
    const decoded = await runCli(['decode', '-', '-o', '-', '--format', 'webp', ...tinyWeights], {
      input: encoded.stdout,
    });
    expect(decoded.status).toBe(0);
    expect(await sharp(decoded.stdout).metadata()).toMatchObject({ format: 'webp', width: 70, height: 50 });
  });
});

describe('compare', () => {
  it('gives four scores, null where a score has nothing to work on', async () => {
    await sharp(at('photo.png')).jpeg({ quality: 30 }).toFile(at('photo-30.jpg'));
    const { status, stdout, stderr } = await run(['compare', at('photo.png'), at('photo-30.jpg'), '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const scores = json(stdout);
    expect(Object.keys(scores)).toEqual(['psnr', 'ssim', 'msSsim', 'lpipsSqueeze']);
    expect(scores.psnr).toBeGreaterThan(25);
    expect(scores.ssim).toBeLessThan(1);
    expect(scores).toMatchObject({ msSsim: null, lpipsSqueeze: null });
  });

  it('says that a picture equals itself', async () => {
    const { stdout } = await run(['compare', at('photo.png'), at('photo.png')]);
    expect(stdout).toContain('∞: the pictures are equal');
    expect(stdout).toContain('SSIM             1.0000');
    expect(stdout).toContain('needs --lpips-weights');
  });

  it('draws both pictures, their errors and their structure; without the latter when they are tiny', async () => {
    await sharp(at('photo.png')).jpeg({ quality: 30 }).toFile(at('photo-30.jpg'));
    const args = ['compare', at('photo.png'), at('photo-30.jpg'), '--picture', at('map.png'), '--json'];
    const { status, stdout } = await run(args);
    expect(status).toBe(0);
    expect(json(stdout).psnr).toBeGreaterThan(25);
    const four = await sharp(at('map.png')).metadata();
    for (const name of ['photo.png', 'photo-30.jpg']) {
      await sharp(at(name))
        .extract({ left: 0, top: 0, width: 70, height: 9 })
        .toFile(at(`tiny-${name}`));
    }
    await run(['compare', at('tiny-photo.png'), at('tiny-photo-30.jpg'), '--picture', at('tiny.png')]);
    await run(['compare', at('tiny-photo.png'), at('tiny-photo-30.jpg'), '--picture', at('tiny.jpg')]);
    expect((await sharp(at('tiny.jpg')).metadata()).format).toBe('jpeg');
    const three = await sharp(at('tiny.png')).metadata();
    expect([four.format, three.format]).toEqual(['png', 'png']);
    expect(four.width).toBe(three.width);
    const { data, info } = await sharp(at('map.png')).raw().toBuffer({ resolveWithObject: true });
    // the third panel, bottom left, is not black everywhere
    const row = Math.floor(info.height * 0.7) * info.width * info.channels;
    expect(data.subarray(row, row + (info.width * info.channels) / 2).some((value) => value > 60)).toBe(true);
    const both = await run(['compare', at('photo.png'), at('photo-30.jpg'), '--picture', '-', '--json']);
    expect(both).toMatchObject({ status: 2, stdout: '' });
  });

  it('refuses pictures of two sizes', async () => {
    const { status, stderr } = await run(['compare', at('photo.png'), at('alpha.png')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error SIZE_MISMATCH: .*70×50 and 40×40/);
  });
});

describe('wrong usage and failures', () => {
  it.each([
    [['encode', 'a.png'], '--output'],
    [['encode', 'a.png', '-o', 'a.vqk', '--bpp', '0'], 'above 0'],
    [['encode', 'a.png', '-o', 'a.vqk', '--bpp', '0.1', '--bytes', '9'], 'one of --bpp, --bytes and --codes'],
    [['encode', 'a.png', '-o', '-', '--json'], 'standard output'],
    [['decode', 'a.vqk', '-o', 'a.bmp'], '.png, .jpg, .webp or .avif'],
    [['decode', 'a.vqk', '-o', 'a.png', '--format', 'bmp'], 'png, jpg, webp, avif'],
    [['eval', 'x', '--against', 'jxl'], 'avif, webp, jpeg, avif-half'],
    [['compare', 'a.png'], 'distorted'],
    [['transcode'], 'transcode'],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error (USAGE|FORMAT_UNKNOWN): /);
    expect(stderr).toContain(why);
  });

  it.each([
    ['encode a missing file', () => ['encode', at('none.png'), '-o', at('x.vqk')], 'INPUT_UNREADABLE'],
    ['encode what is no image', () => ['encode', at('broken.png'), '-o', at('x.vqk')], 'IMAGE_UNREADABLE'],
    ['encode into no folder', () => ['encode', at('photo.png'), '-o', at('none/x.vqk')], 'OUTPUT_UNWRITABLE'],
    [
      'encode with unknown weights',
      () => ['encode', at('photo.png'), '-o', at('x.vqk'), '--weights', 'none'],
      'WEIGHTS_UNUSABLE',
    ],
    ['decode what is no .vqk', () => ['decode', at('broken.vqk'), '-o', at('x.png')], 'NOT_A_VQK'],
    ['inspect what is no .vqk', () => ['inspect', at('broken.vqk')], 'NOT_A_VQK'],
    [
      'compare without the weights',
      () => ['compare', at('photo.png'), at('photo.png'), '--lpips-weights', at('none')],
      'WEIGHTS_MISSING',
    ],
    ['eval no folder', () => ['eval', at('none')], 'INPUT_UNREADABLE'],
  ])('%s ends with 1 and leaves nothing behind', async (_, args, code) => {
    const before = await readdir(folder);
    const { status, stdout, stderr } = await run(args());
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error ${code}: `));
    expect(await readdir(folder)).toEqual(before);
  });

  it('ends with 2 as a process, too', async () => {
    const { status, stdout, stderr } = await runCli(['encode']);
    expect({ status, stdout: stdout.length }).toEqual({ status: 2, stdout: 0 });
    expect(stderr).toMatch(/^error USAGE: /);
  });
});

describe('help', () => {
  it('lists all commands, and every command explains its options', async () => {
    const { status, stdout } = await run(['--help']);
    expect(status).toBe(0);
    for (const command of createProgram().commands) {
      expect(stdout).toContain(command.name());
      const help = await run([command.name(), '--help']);
      expect(help.status).toBe(0);
      for (const { long, description } of command.options) {
        expect(help.stdout).toContain(long);
        expect(description).not.toBe('');
      }
    }
  });

  it('knows its version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
