/**
 * Runs a function of ours in a real headless Chromium: bundles a TypeScript file from sources, serves it from this
 * machine, and returns what its default export resolves to. Conformance runs and browser tests share it.
 *
 * Pages are cross-origin isolated, so WebAssembly threads work, and WebGPU runs on Chromium's own software adapter.
 *
 * @example
 * // probe.ts: export default async ({ name }: { name: string }) => `hello ${name}`;
 * await runInChromium({ entry: new URL('./probe.ts', import.meta.url), argument: { name: 'you' } }); // 'hello you'
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { serveStatic } from './static-server.ts';
import { hangMs } from './time-limit.ts';

/** What to run. */
export interface RunInChromiumOptions {
  /** The TypeScript file whose default export is called in the page: `(argument) => result`, both JSON-like. */
  readonly entry: URL;
  /** The argument of that call. Default undefined. */
  readonly argument?: unknown;
  /** Folders to serve besides the bundle: path prefix, e.g. `/ort/` → folder. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** More command-line flags for Chromium. */
  readonly flags?: readonly string[];
  /** Bare names to bundle from elsewhere: name → file. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Called with each line that the page prints or fails with. Default: nothing. */
  readonly onConsole?: (line: string) => void;
  /** Longest time for the call, in milliseconds. Default `hangMs`. */
  readonly timeoutMs?: number;
}

/** `name` is not installed where browsers usually are: `CHROMIUM_MISSING`. */
class ChromiumMissingError extends Error {
  readonly code = 'CHROMIUM_MISSING';
  readonly fix = 'Install Chromium or Chrome, or set VQKIT_CHROMIUM to its program file.';

  constructor() {
    super('no Chromium was found. Install Chromium or Chrome, or set VQKIT_CHROMIUM to its program file.');
    this.name = 'ChromiumMissingError';
  }
}

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const emptyPage = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>vqkit</title>';

// background traffic is off: closed networks make Chromium retry it for ever
const baseFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The program file of a Chromium or Chrome, from `VQKIT_CHROMIUM` or the usual places; undefined when there is none. */
export function findChromium(): string | undefined {
  return [process.env.VQKIT_CHROMIUM, ...usualPlaces].find((file) => file !== undefined && existsSync(file));
}

/** Starts Chromium with software WebGPU. @throws ChromiumMissingError `CHROMIUM_MISSING` */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new ChromiumMissingError();
  return chromium.launch({ executablePath, args: [...baseFlags, ...flags] });
}

/** Bundles an entry for the browser into one ES module's text. */
async function bundle(entry: URL, alias: Readonly<Record<string, string>>): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['node:*'],
    alias: { ...alias },
    tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

/**
 * Bundles a file, runs its default export in headless Chromium and returns the result.
 *
 * @throws ChromiumMissingError `CHROMIUM_MISSING` without a browser; whatever the function throws, with its page's stack.
 */
export async function runInChromium<Result>(options: RunInChromiumOptions): Promise<Result> {
  const { entry, argument, mounts = {}, flags = [], alias = {}, onConsole, timeoutMs = hangMs } = options;
  const server = await serveStatic({
    texts: { '/index.html': emptyPage, '/entry.js': await bundle(entry, alias) },
    mounts,
  });
  const browser = await launchChromium(flags);
  const timer = setTimeout(() => void browser.close(), timeoutMs);
  try {
    const page = await browser.newPage();
    page.on('console', (message) => onConsole?.(message.text()));
    page.on('pageerror', (error) => onConsole?.(error.stack ?? error.message));
    await page.goto(server.origin);
    // as text: type-stripping tools must not rewrite what runs in the page
    const call = `import('/entry.js').then(({ default: run }) => run(${JSON.stringify(argument) ?? 'undefined'}))`;
    return (await page.evaluate(call)) as Result;
  } finally {
    clearTimeout(timer);
    await browser.close();
    server.close();
  }
}
