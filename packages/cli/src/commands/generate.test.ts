import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyGenerator } from '../../../../tooling/tiny-generator.ts';
import { quantizers, tinyLooc } from '../../../../tooling/tiny-looc.ts';
import { tinyTransformer } from '../../../../tooling/tiny-transformer.ts';
import { tinyWeights } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';
import * as tiny from '../testing/tiny-weights.ts';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const generate = (...args: string[]): ReturnType<typeof runHere> =>
  runHere(['generate', '--backend', 'cpu', '--steps', '2', ...args]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vqkit-generate-'));
  await writeWeights(at('run'), await tinyGenerator('index-generator', await tinyLooc(), { quantizers }));
  await writeWeights(at('transformer'), await tinyTransformer(tiny));
});
afterAll(() => rm(folder, { recursive: true }));

describe('vqkit generate', () => {
  it('draws a sheet, the same for the same seed', async () => {
    const sheet = (name: string, ...args: string[]) =>
      generate('--weights', at('run'), '-o', at(name), '-n', '5', '--json', ...args);
    const first = await sheet('a.png');
    expect(first.status).toBe(0);
    const report = JSON.parse(first.stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ count: 5, seed: 1, width: 12, height: 8, classes: 3, class: null, backend: 'cpu' });
    // Three by two, with gaps of 2 pixels.
    expect(await sharp(at('a.png')).metadata()).toMatchObject({ width: 3 * 14 + 2, height: 2 * 10 + 2 });
    const indicesOf = async (...args: string[]): Promise<unknown> =>
      (JSON.parse((await sheet('b.png', ...args)).stdout) as { indices: string }).indices;
    expect(await indicesOf()).toBe(report.indices);
    expect(await indicesOf('--backend', 'onnx')).toBe(report.indices);
    for (const other of [
      ['--seed', '0'],
      ['--class', '0'],
      ['--guidance', '2'],
      ['--temperature', '0'],
      ['--top-k', '1'],
    ])
      expect(await indicesOf(...other)).not.toBe(report.indices);
    const line = await generate(
      '--weights',
      at('run'),
      '-o',
      at('row.webp'),
      '-n',
      '4',
      '--columns',
      '4',
      '--class',
      '2',
    );
    expect(line.stdout).toMatch(/row\.webp: 4 images of 12×8, .* on cpu/);
    expect(await sharp(at('row.webp')).metadata()).toMatchObject({ format: 'webp', width: 4 * 14 + 2, height: 12 });
  });

  it('draws with an index transformer and its tokenizer, of a size that is asked for', async () => {
    const args = ['--weights', at('transformer'), '-o', at('photo.png'), '-n', '1'];
    const tokenizer = ['--tokenizer', tinyWeights[1]!];
    const { status, stdout } = await generate(...args, ...tokenizer, '--width', '48', '--height', '32', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ width: 48, height: 32, classes: 0 });
    expect((await generate(...args)).stderr).toMatch(/^error TOKENIZER_MISMATCH: .*--tokenizer/m);
    expect((await generate(...args, ...tokenizer)).stderr).toMatch(/^error OPTIONS_INVALID: expected a grid/m);
    const odd = await generate(...args, ...tokenizer, '--width', '50');
    expect([odd.status, odd.stderr]).toEqual([2, expect.stringMatching(/multiples of 16 pixels, got 50×50/)]);
  });

  it('says what is wrong before it draws', async () => {
    const base = ['--weights', at('run'), '-o', at('c.png')];
    const wrong: [string[], number, RegExp][] = [
      [[...base, '--class', '3'], 1, /OPTIONS_INVALID: expected label to be a whole number from 0 to 2, got 3/],
      [[...base, '--class', '-1'], 2, /USAGE: .*--class/],
      [[...base, '--seed', '0.5'], 2, /USAGE: .*whole number/],
      [[...base, '-n', '0'], 2, /USAGE: .*above 0/],
      [['--weights', at('run'), '-o', at('c.gif')], 2, /FORMAT_UNKNOWN/],
      [['--weights', at('none'), '-o', at('c.png')], 1, /WEIGHTS_UNUSABLE/],
      [[...tinyWeights, '-o', at('c.png')], 1, /MANIFEST_INVALID: .*vqkit train generator/],
    ];
    for (const [args, status, message] of wrong) {
      const result = await generate(...args);
      expect([args, result.status, result.stderr]).toEqual([args, status, expect.stringMatching(message)]);
    }
  });
});
