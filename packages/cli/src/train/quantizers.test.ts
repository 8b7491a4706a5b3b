import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { random } from '@vqkit/core';
import { photoRecipe, type QuantizerName, quantizerNames, train } from '@vqkit/training';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPath } from '../../../../tooling/shared-data.ts';
import { runHere } from '../testing/run-here.ts';

/** Small sizes for each, and the bits of a position that they make. */
const cases = {
  vq: [{ codes: 32, dimension: 16 }, 5],
  looc: [{ codes: 16, dimension: 16, parts: 4 }, 16],
  'dual-codebook': [{ codes: 16, dimension: 16 }, 8],
  product: [{ codes: 16, dimension: 16, parts: 2 }, 8],
  residual: [{ codes: 16, dimension: 16, depth: 3 }, 12],
  fsq: [{ levels: [8, 5, 5] }, Math.log2(200)],
  'lookup-free': [{ bits: 6 }, 6],
  simvq: [{ codes: 32, dimension: 16 }, 5],
} as const satisfies Readonly<Record<QuantizerName, readonly [options: object, bits: number]>>;

const lpipsWeights = dataPath('weights/lpips_squeeze_v0.1.safetensors');
const isMissing = !existsSync(lpipsWeights);

/** Sizes of the photo networks: 0.1 M parameters. */
const network = {
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;

/** A file and what its indices take before entropy coding. */
interface FileSize {
  readonly name: string;
  readonly bits: number;
  readonly indexBytes: number;
  readonly bytes: number;
}

/** Sizes beside bits per position, as lines; by what a position takes. */
function linesOf(sizes: readonly FileSize[]): string {
  const line = ({ name, bits, indexBytes, bytes }: FileSize): string =>
    `${name.padEnd(14)}${bits.toFixed(2).padStart(6)} bits per position  ${indexBytes.toFixed(1).padStart(6)} bytes of indices ${`${bytes}`.padStart(4)} bytes in the file`;
  return [...sizes]
    .sort((a, b) => a.bits - b.bits)
    .map(line)
    .join('\n');
}

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

const run = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { status, stdout, stderr } = await runHere(args);
  expect(status, stderr).toBe(0);
  return stdout.startsWith('{') ? (JSON.parse(stdout) as Record<string, unknown>) : {};
};

const pixelsOf = async (file: string): Promise<Uint8Array> =>
  new Uint8Array(await sharp(file).removeAlpha().greyscale().raw().toBuffer());

/** Codes a picture with weights of a folder, and restores it on two backends: the same picture on both. */
async function roundTrip(
  picture: string,
  weights: string,
): Promise<{ facts: Record<string, unknown>; pixels: Uint8Array }> {
  const file = `${weights}.vqk`;
  await run('encode', picture, '-o', file, '--weights', weights, '--backend', 'onnx');
  const facts = await run('inspect', file, '--json');
  const restored: Uint8Array[] = [];
  for (const backend of ['onnx', 'cpu']) {
    const png = `${weights}-${backend}.png`;
    await run('decode', file, '-o', png, '--weights', weights, '--backend', backend);
    restored.push(await pixelsOf(png));
  }
  // Float rounding may move a value by one.
  const difference = Math.max(...restored[0]!.map((value, i) => Math.abs(value - restored[1]![i]!)));
  expect(difference).toBeLessThanOrEqual(1);
  const manifest = JSON.parse(await readFile(join(weights, 'manifest.json'), 'utf8')) as { id: string };
  expect(facts.modelId).toBe(manifest.id);
  return { facts, pixels: restored[0]! };
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

  it('has no priors for more codes than these describe, which are coded without', async () => {
    const out = join(folder, 'many');
    const sizes = ['--quantizer', 'fsq', '--levels', '8,8,8,8,8,2', '--hidden', '4', '--steps', '1'];
    await run('train', 'vqvae', '--data', join(folder, 'digits.idx'), ...sizes, '--out', out);
    const priors = await runHere(['train', 'photo-priors', '--data', folder, '--from', out, '--out', `${out}-priors`]);
    expect([priors.status, priors.stderr]).toEqual([
      1,
      expect.stringMatching(/WEIGHTS_UNUSABLE[\s\S]*at most 32768 codes[\s\S]*got 65536/),
    ]);
    const { facts } = await roundTrip(join(folder, 'digit.png'), out);
    expect(facts).toMatchObject({ width: 28, height: 28 });
  });

  it('stops at Ctrl-C with a checkpoint, status 130 and the command that goes on', async () => {
    const out = join(folder, 'stopped run');
    const sizes = ['--quantizer', 'fsq', '--hidden', '4', '--batch', '2', '--steps', '1000000'];
    const running = runHere(['train', 'vqvae', '--data', join(folder, 'digits.idx'), ...sizes, '--out', out]);
    // The last listener is the command's.
    while (!existsSync(join(out, 'log.jsonl'))) await new Promise((resolve) => setTimeout(resolve, 20));
    process.listeners('SIGINT').at(-1)!('SIGINT');
    const { status, stderr } = await running;
    expect(status).toBe(130);
    const [, done, command] = /stopped after (\d+) of 1000000 steps.*Go on with: vqkit (.*)$/m.exec(stderr)!;
    expect(command).toMatch(/^train vqvae --data .* --quantizer fsq .* --out '.*stopped run' --resume$/);
    const words = [...command!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    await run(...words, '--steps', `${Number(done) + 2}`);
    expect((await readFile(join(out, 'log.jsonl'), 'utf8')).trim().split('\n').at(-1)).toContain(
      `"step":${Number(done) + 2}`,
    );
  });

  it('never writes over what it reads', async () => {
    const refused = async (...args: string[]) => {
      const { status, stderr } = await runHere(['train', ...args]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('error OUTPUT_IS_INPUT')]);
    };
    const own = join(folder, 'own');
    await mkdir(own);
    await writeFile(join(own, 'weights.safetensors'), '');
    const photos = ['--data', join(folder, 'digits.idx'), '--lpips-weights', join(folder, 'digits.idx')];
    await refused('photo-texture', ...photos, '--from', join(own, 'weights.safetensors'), '--out', own);
    await refused('photo-priors', '--data', folder, '--from', own, '--out', join(own, '..', 'own'));
    await refused('vqvae', '--data', own, '--out', own);
  });

  const sizes: FileSize[] = [];
  for (const [name, [options, bits]] of Object.entries(cases)) {
    it(`${name}: ${bits.toFixed(1)} bits per position, the same picture on two backends`, async () => {
      const out = join(folder, name);
      const data = ['--data', join(folder, 'digits.idx'), '--out', out];
      const own = Object.entries(options).flatMap(([option, value]) => [`--${option}`, `${value}`]);
      const training = ['--hidden', '16', '--steps', '30', '--rate', '4e-3', '--warmup', '5', ...own];
      await run('train', 'vqvae', '--quantizer', name, ...data, ...training, '--backend', 'onnx');
      const { facts, pixels } = await roundTrip(join(folder, 'digit.png'), out);
      expect(facts).toMatchObject({ width: 28, height: 28 });
      // 7×7 positions; header, checksum and the coder's learning of 49 positions come on top.
      const indexBytes = (49 * bits) / 8;
      expect(facts.bytes).toBeGreaterThan(0.2 * indexBytes);
      expect(facts.bytes).toBeLessThan(1.2 * indexBytes + 48);
      sizes.push({ name, bits, indexBytes, bytes: facts.bytes as number });
      expect(pixels).toHaveLength(784);
      // A picture of the digit: nearer to it than the grey of a network that was never trained.
      const original = digit(1000);
      const error = (guess: (i: number) => number): number =>
        original.reduce((sum, value, i) => sum + (value - guess(i)) ** 2, 0);
      expect(error((i) => pixels[i]!)).toBeLessThan(error(() => 128));
    });
  }

  it('makes larger files where a position has more bits', () => {
    console.info(linesOf(sizes));
    const bytesOf = (at: (bits: number) => boolean): number[] =>
      sizes.filter(({ bits }) => at(bits)).map(({ bytes }) => bytes);
    expect(sizes).toHaveLength(8);
    expect(Math.min(...bytesOf((bits) => bits > 12))).toBeGreaterThan(Math.max(...bytesOf((bits) => bits <= 8)));
  });
});

describe.skipIf(isMissing)(
  `vqkit train photo with any quantizer, then encode, decode and inspect${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    const sizes: FileSize[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-photos-'));
      await mkdir(join(folder, 'photos'));
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
      for (const name of ['a', 'b']) {
        await sharp({ create: { width: 96, height: 64, channels: 3, background: '#888', noise } })
          .png()
          .toFile(join(folder, 'photos', `${name}.png`));
      }
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    for (const [quantizer, [options, bits]] of Object.entries(cases) as [
      QuantizerName,
      (typeof cases)[QuantizerName],
    ][]) {
      it(`${quantizer}: publishes what the codec opens`, async () => {
        const out = join(folder, quantizer);
        const backend = await onnx({ threads: 1 });
        // The command has the sizes of the published networks; smaller ones are given in code.
        const common = { data: join(folder, 'photos'), lpipsWeights, batch: 1, crop: 48, steps: 2, warmup: 0, network };
        await train(photoRecipe({ ...common, ...options, quantizer }), { backend, out });
        backend.dispose();
        const { facts, pixels } = await roundTrip(join(folder, 'photos', 'a.png'), out);
        expect(facts).toMatchObject({ width: 96, height: 64 });
        expect(pixels).toHaveLength(96 * 64);
        // 6×4 positions.
        const indexBytes = (24 * bits) / 8;
        expect(facts.bytes).toBeLessThan(1.2 * indexBytes + 48);
        sizes.push({ name: quantizer, bits, indexBytes, bytes: facts.bytes as number });
      });
    }

    it('says what the files took', () => {
      console.info(linesOf(sizes));
      expect(sizes).toHaveLength(8);
    });

    it('takes the quantizer from the command line, with its own sizes', async () => {
      const out = join(folder, 'command');
      const data = ['--data', join(folder, 'photos'), '--lpips-weights', lpipsWeights, '--out', out];
      const wrong = await runHere(['train', 'photo', '--quantizer', 'looc', '--parts', '3', ...data]);
      expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('sizes that fit the quantizer looc') });
      const { stdout } = await runHere(['train', 'photo', '--help']);
      for (const name of quantizerNames) expect(stdout).toContain(name);
    });
  },
);

describe.skipIf(isMissing)(
  `vqkit train vqgan, then encode, decode and inspect${isMissing ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vqkit-vqgan-'));
      await mkdir(join(folder, 'photos'));
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
      for (const name of ['a', 'b', 'c']) {
        await sharp({ create: { width: 96, height: 64, channels: 3, background: '#888', noise } })
          .png()
          .toFile(join(folder, 'photos', `${name}.png`));
      }
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    for (const name of ['vq', 'dual-codebook', 'looc'] as const) {
      it(`${name}: with a discriminator, publishes what the codec opens`, async () => {
        const out = join(folder, name);
        const [options, bits] = cases[name];
        const data = ['--data', join(folder, 'photos'), '--lpips-weights', lpipsWeights, '--out', out];
        const network = ['--channels', '8', '--multipliers', '1,1,2', '--blocks', '1', '--batch', '1', '--crop', '48'];
        const lengths = ['--steps', '3', '--warmup', '1', '--delay', '2'];
        const own = Object.entries(options).flatMap(([option, value]) => [`--${option}`, `${value}`]);
        await run('train', 'vqgan', '--quantizer', name, ...data, ...network, ...lengths, ...own, '--threads', '1');
        const { facts, pixels } = await roundTrip(join(folder, 'photos', 'a.png'), out);
        expect(facts).toMatchObject({ width: 96, height: 64 });
        expect(pixels).toHaveLength(96 * 64);
        // 24×16 positions.
        expect(facts.bytes).toBeLessThan((1.2 * 24 * 16 * bits) / 8 + 48);
      });
    }
  },
);
