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
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
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

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

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

/** Serves a page, the bundle and the mounted folders on a free port of this machine. */
async function serve(
  script: string,
  mounts: Readonly<Record<string, string>>,
): Promise<{ server: Server; origin: string }> {
  const read = (path: string): Uint8Array | string | undefined => {
    if (path === '/') return '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>vqkit</title>';
    if (path === '/entry.js') return script;
    for (const [prefix, folder] of Object.entries(mounts)) {
      const file = normalize(join(folder, path.slice(prefix.length)));
      const isInside = path.startsWith(prefix) && file.startsWith(normalize(folder + sep));
      if (isInside && existsSync(file) && statSync(file).isFile()) return readFileSync(file);
    }
    return undefined;
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const body = read(path);
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': path === '/' ? 'text/html' : (types[extname(path)] ?? 'application/octet-stream'),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/**
 * Bundles a file, runs its default export in headless Chromium and returns the result.
 *
 * @throws ChromiumMissingError `CHROMIUM_MISSING` without a browser; whatever the function throws, with its page's stack.
 */
export async function runInChromium<Result>(options: RunInChromiumOptions): Promise<Result> {
  const { entry, argument, mounts = {}, flags = [], alias = {}, onConsole, timeoutMs = hangMs } = options;
  const executablePath = findChromium();
  if (executablePath === undefined) throw new ChromiumMissingError();
  const { server, origin } = await serve(await bundle(entry, alias), mounts);
  const browser = await chromium.launch({ executablePath, args: [...baseFlags, ...flags] });
  const timer = setTimeout(() => void browser.close(), timeoutMs);
  try {
    const page = await browser.newPage();
    page.on('console', (message) => onConsole?.(message.text()));
    page.on('pageerror', (error) => onConsole?.(error.stack ?? error.message));
    await page.goto(origin);
    // as text: type-stripping tools must not rewrite what runs in the page
    const call = `import('/entry.js').then(({ default: run }) => run(${JSON.stringify(argument) ?? 'undefined'}))`;
    return (await page.evaluate(call)) as Result;
  } finally {
    clearTimeout(timer);
    await browser.close();
    server.close();
  }
}
