import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@vqkit/core';
import { quantizerNames } from '@vqkit/training';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../testing/run-here.ts';

/** Small sizes for each, and the bits of a position that they make. */
const cases: Readonly<Record<string, readonly [options: string, bits: number]>> = {
  vq: ['--codes 32 --dimension 16', 5],
  looc: ['--codes 16 --dimension 16 --parts 4', 16],
  'dual-codebook': ['--codes 16 --dimension 16', 8],
  product: ['--codes 16 --dimension 16 --parts 2', 8],
  residual: ['--codes 16 --dimension 16 --depth 3', 12],
  fsq: ['--levels 8,5,5', Math.log2(200)],
  'lookup-free': ['--bits 6', 6],
  simvq: ['--codes 32 --dimension 16', 5],
};

/** 28×28 pixels of a stroke that looks a little like a digit. */
function digit(seed: number): Uint8Array {
  const stream = random(seed);
  const points = Array.from({ length: 4 }, () => [6 + 16 * stream.next(), 4 + 20 * stream.next()] as const);
  return Uint8Array.from({ length: 784 }, (_, i) => {
    const distances = points.slice(1).map(([x1, y1], k) => {
      const [x0, y0] = points[k]!;
      const [dx, dy, px, py] = [x1 - x0, y1 - y0, (i % 28) - x0, Math.floor(i / 28) - y0];
      const t = Math.min(Math.max((px * dx + py * dy) / (dx * dx + dy * dy), 0), 1);
      return (px - t * dx) ** 2 + (py - t * dy) ** 2;
    });
    return 255 * Math.exp(-Math.min(...distances) / 4);
  });
}

describe('vqkit train vqvae, then encode, decode and inspect with what it published', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-digits-'));
    const count = 200;
    const idx = new Uint8Array(16 + count * 784);
    new DataView(idx.buffer).setUint32(0, 0x0803);
    for (const [i, value] of [count, 28, 28].entries()) new DataView(idx.buffer).setUint32(4 + 4 * i, value);
    for (let i = 0; i < count; i++) idx.set(digit(i), 16 + i * 784);
    await writeFile(join(folder, 'digits.idx'), idx);
    await sharp(digit(1000), { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(join(folder, 'digit.png'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { status, stdout, stderr } = await runHere(args);
    expect(status, stderr).toBe(0);
    return stdout.startsWith('{') ? (JSON.parse(stdout) as Record<string, unknown>) : {};
  };
  const pixelsOf = async (file: string): Promise<Uint8Array> =>
    new Uint8Array(await sharp(file).removeAlpha().greyscale().raw().toBuffer());

  it('has a case for every quantizer', () => expect(Object.keys(cases).sort()).toEqual([...quantizerNames].sort()));

  it('learns priors for what was published, and publishes the whole package', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    for (let i = 0; i < 8; i++) {
      await sharp(digit(2000 + i), { raw: { width: 28, height: 28, channels: 1 } })
        .png()
        .toFile(join(photos, `${i}.png`));
    }
    const [plain, whole] = [join(folder, 'plain'), join(folder, 'with-priors')];
    const sizes = ['--quantizer', 'looc', '--codes', '16', '--dimension', '16', '--hidden', '16', '--steps', '30'];
    await run('train', 'vqvae', '--data', join(folder, 'digits.idx'), ...sizes, '--out', plain);
    await run('train', 'photo-priors', '--data', photos, '--from', plain, '--out', whole);
    expect((await readdir(whole)).sort()).toEqual(['manifest.json', 'prior.vqp', 'weights.safetensors']);
    const bytes: number[] = [];
    for (const weights of [plain, whole]) {
      const file = `${weights}.vqk`;
      await run('encode', join(folder, 'digit.png'), '-o', file, '--weights', weights);
      bytes.push((await readFile(file)).length);
    }
    // Eight pictures say where strokes are not.
    expect(bytes[1]).toBeLessThan(bytes[0]!);
  });

  for (const [name, [options, bits]] of Object.entries(cases)) {
    it(`${name}: ${bits.toFixed(1)} bits per position, the same picture on two backends`, async () => {
      const out = join(folder, name);
      const data = ['--data', join(folder, 'digits.idx'), '--out', out];
      const sizes = ['--hidden', '16', '--steps', '30', '--rate', '4e-3', '--warmup', '5', ...options.split(' ')];
      await run('train', 'vqvae', '--quantizer', name, ...data, ...sizes, '--backend', 'onnx');
      const file = join(folder, `${name}.vqk`);
      await run('encode', join(folder, 'digit.png'), '-o', file, '--weights', out, '--backend', 'onnx');
      const facts = await run('inspect', file, '--json');
      const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as { id: string };
      expect(facts).toMatchObject({ width: 28, height: 28, modelId: manifest.id });
      // 7×7 positions; header, checksum and the coder's learning of 49 positions come on top.
      const indexBytes = (49 * bits) / 8;
      expect(facts.bytes).toBeGreaterThan(0.2 * indexBytes);
      expect(facts.bytes).toBeLessThan(1.2 * indexBytes + 48);
      const restored: Uint8Array[] = [];
      for (const backend of ['onnx', 'cpu']) {
        const png = join(folder, `${name}-${backend}.png`);
        await run('decode', file, '-o', png, '--weights', out, '--backend', backend);
        restored.push(await pixelsOf(png));
      }
      expect(restored[0]).toHaveLength(784);
      // Float rounding may move a value by one.
      const difference = Math.max(...restored[0]!.map((value, i) => Math.abs(value - restored[1]![i]!)));
      expect(difference).toBeLessThanOrEqual(1);
      // A picture of the digit: nearer to it than the grey of a network that was never trained.
      const original = digit(1000);
      const error = (guess: (i: number) => number): number =>
        original.reduce((sum, value, i) => sum + (value - guess(i)) ** 2, 0);
      expect(error((i) => restored[0]![i]!)).toBeLessThan(error(() => 128));
    });
  }
});
