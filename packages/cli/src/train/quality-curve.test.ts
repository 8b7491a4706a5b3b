import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../program.ts';
import { drawQualityCurve } from './quality-curve.ts';

describe('vqkit curve', () => {
  let folder = '';
  const logs = (): string[] => ['a', 'b'].map((name) => join(folder, `${name}.jsonl`));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-quality-'));
    const event = (step: number, lpips: number): string =>
      JSON.stringify({ step, steps: 60, secondsPerStep: 60, rate: 1, metrics: { loss: 1, lpips } });
    for (const [i, path] of logs().entries()) {
      const lines = [20, 40, 40, 60].map((step) => event(step, 0.4 - 0.1 * i - step / 1000));
      await writeFile(path, `${lines.join('\n')}\n`);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('draws one run after the other, and points for scores', async () => {
    const scores = join(folder, 'scores.json');
    await writeFile(scores, JSON.stringify([{ log: 2, step: 60, value: 0.5 }]));
    const [plain, pointed] = [join(folder, 'plain.png'), join(folder, 'pointed.png')];
    expect(await main(['curve', ...logs(), '-o', plain])).toBe(0);
    expect(await main(['curve', ...logs(), '-o', pointed, '--scores', scores, '--scores-title', 'photos'])).toBe(0);
    const { width, height } = await sharp(plain).metadata();
    expect(width! > 900 && height! > 450).toBe(true);
    expect(await readFile(plain)).not.toEqual(await readFile(pointed));
  });

  it('refuses metrics and logs that are not there, and scores that are none', async () => {
    await expect(drawQualityCurve({ logs: logs(), metric: 'fid' })).rejects.toThrow(/the metric 'fid'/);
    const scores = [{ log: 3, step: 1, value: 1 }];
    await expect(drawQualityCurve({ logs: logs(), metric: 'lpips', scores })).rejects.toThrow(/logs 1 to 2/);
    await expect(drawQualityCurve({ logs: [join(folder, 'none.jsonl')], metric: 'lpips' })).rejects.toThrow(/ENOENT/);
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"log": 1}');
    expect(await main(['curve', ...logs(), '-o', join(folder, 'x.png'), '--scores', broken])).toBe(2);
  });
});
