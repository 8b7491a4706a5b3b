import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@vqkit/core';
import { writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyFiles } from '../../../../tooling/tiny-sr-weights.ts';
import { runCli, tinyWeights } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const upscale = (...args: string[]): ReturnType<typeof runHere> =>
  runHere(['upscale', ...args, '--weights', at('weights'), '--backend', 'cpu']);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-upscale-'));
  await mkdir(at('in'));
  await writeWeights(at('weights'), await tinyFiles());
  const image = sharp({ create: { width: 20, height: 12, channels: 3, background: 'teal' } });
  await image.png().toFile(at('in', 'a.png'));
  await image.jpeg().toFile(at('in', 'b.jpg'));
  await image.tiff().toFile(at('in', 'c.tif'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('vqkit upscale', () => {
  it('enlarges a file to any size', async () => {
    const { status, stdout } = await upscale(at('in', 'a.png'), '-o', at('large.png'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/large\.png: 80×48, .* on cpu/);
    expect(await sharp(at('large.png')).metadata()).toMatchObject({ width: 80, height: 48, channels: 3 });
    expect((await upscale(at('in', 'b.jpg'), '-o', at('wide.webp'), '--width', '50', '--json')).stdout).toMatch(
      /"width":50,"height":30/,
    );
    expect(await sharp(at('wide.webp')).metadata()).toMatchObject({ width: 50, height: 30 });
  });

  it('takes the published weights where none are named, in decode too', async () => {
    const onnx = ['--backend', 'onnx'];
    const small = sharp({ create: { width: 12, height: 8, channels: 3, background: 'teal' } });
    await small.png().toFile(at('small.png'));
    const { status, stdout } = await runHere(['upscale', at('small.png'), '-o', at('published.png'), ...onnx]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('published.png: 48×32') });
    await runHere(['encode', at('small.png'), '-o', at('small.vqk'), ...onnx]);
    const decoded = await runHere(['decode', at('small.vqk'), '-o', at('twice.png'), '--scale', '2', ...onnx]);
    expect(decoded).toMatchObject({ status: 0, stdout: expect.stringContaining('twice.png: 24×16') });
    const batch = await runCli(['batch', 'upscale', at('small.png'), '-o', at('default'), '--workers', '1', ...onnx]);
    expect(batch.status).toBe(0);
    expect(await sharp(at('default', 'small.png')).metadata()).toMatchObject({ width: 48, height: 32 });
  });

  it('takes another installed package by its name, in decode and batch too, and says how to get one that is not there', async () => {
    const onnx = ['--backend', 'onnx'];
    const real = '@vqkit/weights-sr-x4-real';
    const small = at('noisy.png');
    const noise = random(1);
    await sharp(
      Uint8Array.from({ length: 12 * 8 * 3 }, () => 256 * noise.next()),
      {
        raw: { width: 12, height: 8, channels: 3 },
      },
    )
      .png()
      .toFile(small);
    const pixels = (name: string) => sharp(at(name)).raw().toBuffer();
    const direct = await runHere(['upscale', small, '-o', at('real.png'), '--weights', real, ...onnx]);
    expect(direct).toMatchObject({ status: 0, stdout: expect.stringContaining('real.png: 48×32') });
    await runHere(['upscale', small, '-o', at('clean.png'), ...onnx]);
    expect((await pixels('real.png')).equals(await pixels('clean.png'))).toBe(false);
    await runHere(['encode', small, '-o', at('noisy.vqk'), ...onnx]);
    for (const [name, ...weights] of [['real', '--sr-weights', real], ['clean']] as const)
      await runHere(['decode', at('noisy.vqk'), '-o', at(`twice-${name}.png`), '--scale', '2', ...weights, ...onnx]);
    expect((await pixels('twice-real.png')).equals(await pixels('twice-clean.png'))).toBe(false);
    const batch = ['batch', 'upscale', small, '-o', at('by-name'), '--workers', '1', '--weights', real, ...onnx];
    expect((await runCli(batch)).status).toBe(0);
    expect((await pixels('by-name/noisy.png')).equals(await pixels('real.png'))).toBe(true);
    const { stderr } = await runHere([
      'upscale',
      small,
      '-o',
      at('x.png'),
      '--weights',
      '@vqkit/weights-none',
      ...onnx,
    ]);
    expect(stderr).toMatch(/error WEIGHTS_UNUSABLE.*where vqkit is, with npm install @vqkit\/weights-none/s);
  });

  it('keeps 16 bits and alpha', async () => {
    const data = Uint16Array.from({ length: 8 * 8 * 4 }, (_, i) => (i % 4 === 3 ? 40_000 : 200 * i));
    await sharp(data, { raw: { width: 8, height: 8, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toFile(at('deep.png'));
    expect((await upscale(at('deep.png'), '-o', at('deep-large.png'))).status).toBe(0);
    const { depth, hasAlpha, width } = await sharp(at('deep-large.png')).metadata();
    expect({ depth, hasAlpha, width }).toEqual({ depth: 'ushort', hasAlpha: true, width: 32 });
    const { data: made } = await sharp(at('deep-large.png'))
      .toColourspace('rgb16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    expect(made.readUInt16LE(6)).toBe(40_000);
  });

  it('enlarges a folder, goes on after broken files, and keeps formats that can be written', async () => {
    await writeFile(at('in', 'empty.jpg'), '');
    const { status, stdout } = await upscale(at('in'), '-o', at('out'), '--scale', '2', '--json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as { files: { width: number }[]; skipped: { file: string }[] };
    expect(report.files.map(({ width }) => width)).toEqual([40, 40, 40]);
    expect(report.skipped.map(({ file }) => file)).toEqual([at('in', 'empty.jpg')]);
    expect(await readdir(at('out'))).toEqual(['a.png', 'b.jpg', 'c.png']);
  });

  it('says what is wrong before it starts', async () => {
    const input = at('in', 'a.png');
    const cases: readonly (readonly [string[], number, RegExp])[] = [
      [[input, '-o', at('x.png'), '--scale', '2', '--width', '9'], 2, /error USAGE: expected --scale, or --width/],
      [[input, '-o', at('x.png'), '--scale', '0'], 2, /error USAGE/],
      [
        [input, '-o', at('x.png'), '--scale', '100'],
        1,
        /error OPTIONS_INVALID: expected scale to be a number above 0 and at most 16, got 100/,
      ],
      [[input, '-o', at('x.gif')], 2, /error FORMAT_UNKNOWN/],
      [[input, '-o', input], 2, /error/],
    ];
    for (const [args, wanted, text] of cases) {
      const { status, stderr } = await upscale(...args);
      expect([status, stderr]).toEqual([wanted, expect.stringMatching(text)]);
    }
    const other = await runHere(['upscale', input, '-o', at('x.png'), ...tinyWeights, '--backend', 'cpu']);
    expect(other.stderr).toMatch(/error WEIGHTS_DAMAGED: expected weights of the architecture 'tvq-rap', got 'tiny'/);
  });

  it('enlarges thousands by vqkit batch', async () => {
    const args = ['batch', 'upscale', at('in'), '-o', at('batch'), '--scale', '2', '--workers', '1'];
    const { status, stdout } = await runCli([...args, '--weights', at('weights'), '--backend', 'cpu']);
    expect({ status, stdout: stdout.toString() }).toEqual({
      status: 0,
      stdout: expect.stringContaining(': 3 images, '),
    });
    expect(await sharp(at('batch', 'c.png')).metadata()).toMatchObject({ width: 40, height: 24 });
  });
});
