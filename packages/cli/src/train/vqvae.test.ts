import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantizerNames } from '@vqkit/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digit, writeDigit, writeDigits } from '../testing/digits.ts';
import { type FileSize, linesOf, optionWords, quantizerCases } from '../testing/quantizer-cases.ts';
import { roundTrip, run } from '../testing/round-trip.ts';
import { runHere } from '../testing/run-here.ts';

describe('vqkit train vqvae, then encode, decode and inspect with what it published', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-digits-'));
    await writeDigits(join(folder, 'digits.idx'), 200);
    await writeDigit(join(folder, 'digit.png'), 1000);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a case for every quantizer', () =>
    expect(Object.keys(quantizerCases).sort()).toEqual([...quantizerNames].sort()));

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
  for (const name of quantizerNames) {
    const [, bits] = quantizerCases[name];
    it(`${name}: ${bits.toFixed(1)} bits per position, the same picture on two backends`, async () => {
      const out = join(folder, name);
      const data = ['--data', join(folder, 'digits.idx'), '--out', out];
      const training = ['--hidden', '16', '--steps', '30', '--rate', '4e-3', '--warmup', '5', ...optionWords(name)];
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
