/** The built demo in Chromium, driven as a visitor would. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WeightsPackage } from '@vqkit/tokenizer';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { build } from 'vite';
import { launchChromium } from '../../../../tooling/run-in-chromium.ts';
import { type StaticServer, serveStatic } from '../../../../tooling/static-server.ts';
import { hangMs } from '../../../../tooling/time-limit.ts';

/** A file that a visitor has. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A built demo that is served, and a browser. */
export interface Demo {
  readonly server: StaticServer;
  readonly folder: string;
  readonly browser: Browser;
  /** Opens the page, or the one at another address, and gathers what goes wrong in it. */
  visit(options?: BrowserContextOptions, address?: string): Promise<Visit>;
  close(): Promise<void>;
}

/** A visitor of the page. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors that nobody caught. */
  readonly problems: string[];
  /** Waits until the page is at rest. */
  rest(): Promise<void>;
  /** Chooses a file in the dialog, or several. */
  choose(files: GivenFile | readonly GivenFile[]): Promise<void>;
  /** Drags a file onto the page and lets go. */
  drop(file: GivenFile): Promise<void>;
  /** The same with files and folders of this machine. */
  dropPaths(paths: readonly string[]): Promise<void>;
  /** Brings a part of the page to the front. */
  tab(title: string): Promise<void>;
  /** Chooses where it runs. */
  place(title: string): Promise<void>;
  /** Chooses WebAssembly with so many threads, one or two. */
  threads(count: number): Promise<void>;
  /** The text of a number, by its word. */
  fact(name: string): Promise<string>;
  /** The `.vqk` file that the page hands out. */
  save(): Promise<Uint8Array>;
  /** The same, from whichever part is in front. */
  compressed(): Promise<Uint8Array>;
}

const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));

/** Builds the demo and serves it; `flags` are for Chromium. */
export async function openDemo(flags: readonly string[] = []): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-demo-'));
  const outDir = join(folder, 'dist');
  // as users get it: the test runner has a mode of its own
  process.env.NODE_ENV = 'production';
  await build({ configFile, logLevel: 'silent', build: { outDir, emptyOutDir: true } });
  const server = await serveStatic({ mounts: { '/': outDir } });
  const browser = await launchChromium(flags);
  return {
    server,
    folder,
    browser,
    visit: (options, address = server.origin) => visitPage(browser, address, folder, options),
    close: async () => {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a page and gathers what goes wrong in it; files that are dropped lie in `folder`. */
export async function visitPage(
  browser: Browser,
  address: string,
  folder: string,
  options?: BrowserContextOptions,
): Promise<Visit> {
  const context = await browser.newContext(options);
  // two cores, whatever the machine has
  await context.addInitScript("Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 })");
  const page = await context.newPage();
  page.setDefaultTimeout(hangMs / 6);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(address);
  await page.locator('h1').waitFor();
  const rest = (): Promise<void> => page.locator('#app[aria-busy=false]').waitFor();
  const dropPaths = async (paths: readonly string[]): Promise<void> => {
    const session = await context.newCDPSession(page);
    const { width, height } = page.viewportSize()!;
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await session.detach();
    await rest();
  };
  const tab = async (title: string): Promise<void> => {
    await page.getByRole('tab', { name: title }).click();
    await rest();
  };
  const save = async (): Promise<Uint8Array> => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save .vqk' }).click();
    return new Uint8Array(readFileSync(await (await download).path()));
  };
  return {
    page,
    context,
    problems,
    rest,
    choose: async (files) => {
      await page
        .locator('input[type=file]')
        .first()
        .setInputFiles([files].flat() as GivenFile[]);
      await rest();
    },
    drop: async ({ name, buffer }) => {
      const path = join(folder, name);
      writeFileSync(path, buffer);
      await dropPaths([path]);
    },
    dropPaths,
    tab,
    place: async (title) => {
      await page.locator('button.place').click();
      await page.locator('#places').getByRole('radio', { name: title }).check();
      await rest();
      await page.keyboard.press('Escape');
    },
    threads: async (count) => {
      await page.locator('button.place').click();
      await page.locator('#places').getByRole('radio', { name: 'WebAssembly' }).check();
      await page.getByLabel('Threads of WebAssembly').selectOption(`${count}`);
      await rest();
      await page.keyboard.press('Escape');
    },
    fact: async (name) => (await page.locator(`[data-fact="${name}"]`).textContent())!,
    save,
    compressed: async () => {
      await tab('Compress');
      return save();
    },
  };
}

/** A part of one of the samples, large enough for MS-SSIM, as a JPEG file. */
export async function smallPhoto(sample = 'parrots', side = 176): Promise<GivenFile> {
  const path = fileURLToPath(new URL(`../../samples/${sample}.jpg`, import.meta.url));
  const part = sharp(path).extract({ left: 180, top: 120, width: side + 16, height: side });
  const buffer = await part.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer();
  return { name: `${sample}.jpg`, mimeType: 'image/jpeg', buffer };
}

/** The files of a weights package as a visitor has them. */
export async function packageFiles({ manifest, load }: WeightsPackage): Promise<GivenFile[]> {
  const files = { 'manifest.json': JSON.stringify(manifest), 'weights.safetensors': await load('weights.safetensors') };
  return Object.entries(files).map(([name, bytes]) => ({ name, mimeType: '', buffer: Buffer.from(bytes as string) }));
}
