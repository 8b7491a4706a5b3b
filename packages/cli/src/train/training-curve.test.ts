import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { drawTrainingCurve } from './training-curve.ts';

it('draws one chart per metric of a log, repeated steps included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-curve-'));
  const event = (step: number): string =>
    JSON.stringify({ step, steps: 60, secondsPerStep: 1, rate: 1, metrics: { loss: 3 / step, lpips: 1 / step } });
  await writeFile(join(folder, 'log.jsonl'), `${[20, 40, 40, 60].map(event).join('\n')}\n`);
  const png = await drawTrainingCurve(join(folder, 'log.jsonl'));
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  // Two charts side by side, with lines in our red.
  expect(info.width).toBeGreaterThan(1.8 * info.height);
  const isRed = (i: number): boolean => Math.abs(data[i]! - 0xc8) < 30 && data[i + 1]! < 90 && data[i + 2]! < 110;
  const half = (info.width * 3) / 2;
  const reds = Array.from({ length: data.length / 3 }, (_, i) => i * 3).filter(isRed);
  expect(reds.some((i) => i % (info.width * 3) < half)).toBe(true);
  expect(reds.some((i) => i % (info.width * 3) > half)).toBe(true);
  await rm(folder, { recursive: true });
});
