/** `npm run demo` on a fresh clone: the development server without anything that an earlier run kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../../tooling/run-in-chromium.ts';
import { tinyWeights } from '../../../tooling/tiny-sr-weights.ts';
import { packageFiles, smallPhoto, visitPage } from './testing/demo.ts';

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));

describe.skipIf(findChromium() === undefined)('the development server (needs Chromium)', () => {
  it('opens a working page, and never loads it anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vqkit-development-'));
    const server = await createServer({ configFile, logLevel: 'error', cacheDir: folder, server: { port: 0 } });
    await server.listen();
    const browser = await launchChromium(['--enable-unsafe-swiftshader']);
    try {
      const visit = await visitPage(browser, server.resolvedUrls!.local[0]!, folder);
      let loads = 0;
      visit.page.on('framenavigated', () => loads++);
      await visit.choose(await smallPhoto());
      expect(await visit.fact('psnr')).toMatch(/^\d+\.\d\d dB$/);
      // what is loaded when it is first used
      await visit.page.getByRole('button', { name: /^AVIF, WebP and JPEG/ }).click();
      await visit.rest();
      await visit.choose(await packageFiles(await tinyWeights()));
      await visit.page.getByRole('button', { name: /^Enlarge/ }).click();
      await visit.rest();
      expect(await visit.fact('enlarged-size')).toBe('768 × 704');
      await visit.tab('See inside');
      await visit.page.locator('.chart svg').waitFor();
      for (const title of ['WebGPU', 'WebGL']) await visit.place(title);
      expect(await visit.page.locator('.failure, .notice').count()).toBe(0);
      expect(visit.problems).toEqual([]);
      expect(loads).toBe(0);
    } finally {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
