/** The page runs in Chromium from an empty project with nothing but packed tarballs installed, served as its readers would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedProject, packProject } from '../../tooling/pack-project.ts';
import { findChromium, launchChromium } from '../../tooling/run-in-chromium.ts';
import { hangMs } from '../../tooling/time-limit.ts';

const [width, height] = [96, 64];

/** A picture of a sun over the sea as a BMP file: 24 bits, rows from the bottom up. */
function sunset(): Buffer {
  const file = Buffer.alloc(54 + width * height * 3);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  for (const [i, value] of [40, width, height, 1 | (24 << 16)].entries()) file.writeUInt32LE(value, 14 + 4 * i);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isSun = (x - 60) ** 2 + (y - 36) ** 2 < 150;
      const color = isSun ? [120, 210, 255] : y < 26 ? [90 + y, 60 + (x % 7), 40] : [200 - y, 130 + y, 230];
      file.set(color, 54 + (y * width + x) * 3);
    }
  }
  return file;
}

describe.skipIf(findChromium() === undefined)('examples/browser-page (needs Chromium)', () => {
  let project: PackedProject;
  let server: ReturnType<typeof spawn>;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    project = await packProject({ packages: ['@vqkit/codec', '@vqkit/backend-webgpu', '@vqkit/weights-photo'] });
    for (const name of ['index.html', 'page.css', 'page.js', 'serve.mjs']) {
      copyFileSync(new URL(name, import.meta.url), join(project.folder, name));
    }
    server = spawn(process.execPath, ['serve.mjs'], { cwd: project.folder, env: { ...process.env, PORT: '0' } });
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(hangMs);
    // A page whose modules do not load never gets ready: its error ends the wait.
    const broken = new Promise<never>((_, reject) => page.once('pageerror', reject));
    broken.catch(() => undefined);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(String(line).trim());
    await Promise.race([page.getByText('Ready on').waitFor(), broken]);
  });

  afterAll(async () => {
    await browser?.close();
    server?.kill();
    project?.dispose();
  });

  /** Does something and waits until the page has worked on it, however fast it is. */
  async function finished(action: () => Promise<void>): Promise<string> {
    const before = Number((await page.locator('#status').getAttribute('data-finished')) ?? 0);
    await action();
    await page.locator(`#status[data-finished="${before + 1}"]`).waitFor();
    return (await page.locator('#status').textContent()) ?? '';
  }

  /** Gives the page a file and says what it shows of it. */
  async function give(name: string, mimeType: string, buffer: Buffer): Promise<string> {
    const status = await finished(() => page.locator('#file').setInputFiles({ name, mimeType, buffer }));
    expect(status).toMatch(/^Ready on/);
    return (await page.locator('#facts').textContent()) ?? '';
  }

  /** Samples of a canvas, RGBA. */
  async function pixelsOf(id: string): Promise<number[]> {
    const read = `Array.from(document.getElementById('${id}').getContext('2d').getImageData(0, 0, ${width}, ${height}).data)`;
    return (await page.evaluate(read)) as number[];
  }

  async function download(): Promise<Buffer> {
    const waiting = page.waitForEvent('download');
    await page.locator('#download').click();
    return readFileSync(await (await waiting).path());
  }

  it('compresses a photo on WebGPU, shows both pictures, and opens the file that it hands out', async () => {
    const facts = await give('sunset.bmp', 'image/bmp', sunset());
    expect(facts).toMatch(/^96 × 64 · \d+ bytes · 0\.\d{4} bpp · encoded in .+ · decoded in .+$/);
    const [before, after] = [await pixelsOf('original'), await pixelsOf('restored')];
    const differences = before.map((value, i) => Math.abs(value - after[i]!));
    // 255 grey levels: another picture of these colours is 60 away
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(25);

    const file = await download();
    expect(file.length).toBe(Number(facts.match(/(\d+) bytes/)![1]));
    expect(await give('sunset.vqk', 'application/octet-stream', file)).not.toContain('encoded');
    expect(await pixelsOf('restored')).toEqual(after);
    expect(await page.locator('#original').isVisible()).toBe(false);
    expect(problems).toEqual([]);
  });

  it('makes a smaller file from fewer codes, and says what is wrong with a file that is none', async () => {
    await give('sunset.bmp', 'image/bmp', sunset());
    const whole = await download();
    await finished(() => page.locator('#rate').fill('0'));
    expect(await page.locator('#codes').textContent()).toBe('8');
    expect((await download()).length).toBeLessThan(whole.length);
    const broken = { name: 'no.vqk', mimeType: '', buffer: Buffer.from('nothing') };
    expect(await finished(() => page.locator('#file').setInputFiles(broken))).toMatch('do not begin with');
    expect(problems).toEqual([]);
  });
});
