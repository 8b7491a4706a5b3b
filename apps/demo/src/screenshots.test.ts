/** Pictures of the page for people; with `VQKIT_SCREENSHOTS=1`, as `npm run demo -- screenshots` sets it, they are kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { type Demo, openDemo } from './testing/demo.ts';
import { screenshotFiles, takeScreenshots } from './testing/screenshots.ts';

const kept = fileURLToPath(new URL('../screenshots', import.meta.url));

describe.skipIf(findChromium() === undefined)('screenshots (needs Chromium)', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'vqkit-screenshots-'));
  const folder = process.env.VQKIT_SCREENSHOTS ? kept : temporary;
  let demo: Demo;

  beforeAll(async () => {
    demo = await openDemo();
  });

  afterAll(async () => {
    await demo?.close();
    rmSync(temporary, { recursive: true });
  });

  it('are taken of every part, light and dark, at 1440, 768 and 390 pixels', async () => {
    await takeScreenshots(demo, folder);
    for (const file of screenshotFiles) {
      const { entropy, channels } = await sharp(join(folder, file)).stats();
      const { width } = await sharp(join(folder, file)).metadata();
      expect(file).toContain(`-${width}-`);
      expect(entropy, `${file} shows something`).toBeGreaterThan(1);
      expect(channels[0]!.mean > 128, file).toBe(file.includes('-light'));
    }
  });

  it('are in the repository, each a few kilobytes', () => {
    expect(readdirSync(kept).sort()).toEqual([...screenshotFiles].sort());
    for (const file of screenshotFiles) expect(readFileSync(join(kept, file)).length, file).toBeLessThan(150_000);
  });
});
