/** The example as it stands, in an empty project with packed tarballs: Vite's server and its build, in Chromium. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedProject, packProject } from '../../tooling/pack-project.ts';
import { findChromium, launchChromium } from '../../tooling/run-in-chromium.ts';
import { serveStatic } from '../../tooling/static-server.ts';
import { hangMs } from '../../tooling/time-limit.ts';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const ours = Object.keys(manifest.dependencies).filter((name) => name.startsWith('@vqkit/'));
const others = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies } as Record<
  string,
  string
>).filter(([name]) => !ours.includes(name));

/** Compares the canvas with the photo, in the page; as text, which no tool rewrites. */
const sample = readFileSync(new URL('../../packages/cli/samples/kodim23.png', import.meta.url)).toString('base64');
const compare = `(async () => {
  const original = await createImageBitmap(await (await fetch('data:image/png;base64,${sample}')).blob());
  const [a, b] = [original, document.querySelector('canvas')].map((source) => {
    const context = new OffscreenCanvas(768, 512).getContext('2d');
    context.drawImage(source, 0, 0);
    return context.getImageData(0, 0, 768, 512).data;
  });
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
})()`;

describe.skipIf(findChromium() === undefined)('examples/vite-app (needs Chromium)', () => {
  let project: PackedProject;
  let browser: Browser;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    project = await packProject({ packages: ours, dependencies: Object.fromEntries(others) });
    for (const name of ['index.html', 'main.js', 'public'])
      cpSync(new URL(name, import.meta.url), join(project.folder, name), { recursive: true });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    server?.kill();
    project?.dispose();
  });

  /** Opens the page, and says how far the canvas is from the photo: the mean difference of 255 levels. */
  async function differenceAt(address: string): Promise<number> {
    const page = await browser.newPage();
    const failure = new Promise<never>((_, fail) => page.once('pageerror', fail));
    failure.catch(() => undefined);
    await page.goto(address);
    const shown = page.waitForFunction("document.querySelector('canvas').width === 768", undefined, {
      timeout: hangMs,
    });
    await Promise.race([shown, failure]);
    const difference = (await page.evaluate(compare)) as number;
    await page.close();
    return difference;
  }

  it('shows the photo from the development server', async () => {
    server = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--host', '127.0.0.1'], { cwd: project.folder });
    const address = await new Promise<string>((listening, failed) => {
      let text = '';
      server!.stdout!.on('data', (chunk) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of Vite's output
        text += String(chunk).replace(/\u001b\[\d+m/g, '');
        const [found] = text.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
        if (found) listening(found);
      });
      server!.on('exit', () => failed(new Error(text)));
    });
    // other pictures of these colours are 40 away and more
    expect(await differenceAt(address)).toBeLessThan(20);
  });

  it('shows it when it is built', async () => {
    await promisify(execFile)(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], { cwd: project.folder });
    const { origin, close } = await serveStatic({ mounts: { '/': join(project.folder, 'dist') } });
    expect(await differenceAt(origin)).toBeLessThan(20);
    close();
  });
});
