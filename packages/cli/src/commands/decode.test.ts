import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWeights } from '@vqkit/tokenizer/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyFiles } from '../../../../tooling/tiny-sr-weights.ts';
import { tinyWeights } from '../testing/run-cli.ts';
import { runHere } from '../testing/run-here.ts';

describe('vqkit decode --scale', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  const common = [...tinyWeights, '--backend', 'cpu'];
  const decode = (...args: string[]) => runHere(['decode', at('a.vqk'), ...args, ...common]);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-decode-'));
    await writeWeights(at('sr'), await tinyFiles());
    await sharp({ create: { width: 41, height: 24, channels: 4, background: { r: 200, g: 90, b: 30, alpha: 0.5 } } })
      .png()
      .toFile(at('a.png'));
    expect((await runHere(['encode', at('a.png'), '-o', at('a.vqk'), ...common])).status).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('enlarges what is decoded as vqkit upscale would, alpha too', async () => {
    const { status, stdout } = await decode('-o', at('large.png'), '--scale', '2', '--sr-weights', at('sr'), '--json');
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ width: 82, height: 48, channels: 4, scale: 2, lostShare: 0 }),
    ]);
    await decode('-o', at('plain.png'));
    const upscale = ['upscale', at('plain.png'), '-o', at('twice.png'), '--scale', '2', '--weights', at('sr')];
    await runHere([...upscale, '--backend', 'cpu']);
    const [once, twice] = await Promise.all(['large.png', 'twice.png'].map((name) => sharp(at(name)).raw().toBuffer()));
    expect(once!.equals(twice!)).toBe(true);
  });

  it('says what is missing before it decodes', async () => {
    const cases = [
      [['--sr-weights', at('sr')], 2, 'got --sr-weights alone'],
      [['--scale', '100', '--sr-weights', at('sr')], 1, 'error OPTIONS_INVALID: expected scale'],
      [['--scale', '2', '--sr-weights', tinyWeights[1]!], 1, "expected weights of the architecture 'tvq-rap'"],
      [['--scale', '2', '--sr-weights', at('nothing')], 1, 'error WEIGHTS_UNUSABLE'],
    ] as const;
    for (const [args, wanted, text] of cases) {
      const { status, stderr } = await decode('-o', at('x.png'), ...args);
      expect([status, stderr]).toEqual([wanted, expect.stringContaining(text)]);
    }
  });
});
