/**
 * `npm run consumers [-- --only vite,next] [--write]`: packs the packages, installs them beside the bundlers of
 * `package.json` here, and lets each build an application that codes a photo and restores it: in a page and in a module
 * worker, on WebGPU (software) and on WebAssembly, in headless Chromium. Every file has to be the one that Node makes.
 * `--write` puts the rows into the table of `docs/bundlers.md`; with `--only`, those of the others stay.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import * as photo from '@vqkit/weights-photo';
import type { Browser } from 'playwright-core';
import { toolEnvironment } from '../../scripts/lib/run.mjs';
import { packProject } from '../pack-project.ts';
import { launchChromium } from '../run-in-chromium.ts';
import { serveStatic } from '../static-server.ts';
import { hangMs } from '../time-limit.ts';
import { roundTrip } from './app/round-trip.js';
import { type Bundler, bundlers, parcelFields } from './bundlers.ts';

const combinations = ['page', 'worker'].flatMap((where) => ['webgpu', 'wasm'].map((backend) => ({ where, backend })));
const environment = { ...toolEnvironment(), NEXT_TELEMETRY_DISABLED: '1', PARCEL_WORKER_BACKEND: 'process' };
/** Mean difference of 255 levels; a picture of these colours that is another one is 60 away. */
const maxDifference = 25;

/** One cell: what went wrong, if anything. */
interface Cell {
  readonly error?: string;
}

/** The file that Node makes, in hexadecimal digits. */
async function fileOfNode(): Promise<string> {
  const backend = await onnx();
  const { file } = await roundTrip(await createCodec(photo, { backend }));
  backend.dispose();
  return file;
}

function start(folder: string, [program = '', ...args]: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [join(folder, 'node_modules', program), ...args], { cwd: folder, env: environment });
}

/** Runs a program to its end. @throws Error with what it printed when it fails. */
async function runProgram(folder: string, command: readonly string[]): Promise<void> {
  const child = start(folder, command);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const status = await new Promise((done) => child.on('close', done));
  if (status !== 0) throw new Error(`${command.join(' ')} failed:\n${output.slice(-3000)}`);
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Builds or serves the application; gives its address and how to end it. */
async function open(folder: string, bundler: Bundler): Promise<{ origin: string; close: () => void }> {
  const modules = join(folder, 'node_modules');
  for (const command of bundler.build ?? []) await runProgram(folder, command);
  const mounts = {
    '/ort/': join(modules, 'onnxruntime-web/dist'),
    '/weights/': join(modules, '@vqkit/weights-photo/files'),
  };
  if (bundler.serve === undefined)
    return serveStatic({ mounts: { ...mounts, '/': join(folder, bundler.output ?? 'dist') } });
  const port = await freePort();
  const child = start(folder, [...bundler.serve, String(port)]);
  const origin = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 200) {
    if (
      await fetch(origin).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break;
    if (waited > hangMs) throw new Error(`${bundler.name} does not serve ${origin}`);
    await new Promise((done) => setTimeout(done, 200));
  }
  return { origin, close: () => void child.kill() };
}

async function visit(browser: Browser, address: string, expected: string): Promise<Cell> {
  const page = await browser.newPage();
  const lines: string[] = [];
  page.on('console', (message) => message.type() === 'error' && lines.push(message.text()));
  page.on('response', (response) => response.status() >= 400 && lines.push(`${response.status()} ${response.url()}`));
  try {
    await page.goto(address);
    await page.waitForFunction('globalThis.outcome !== undefined', undefined, { timeout: 300_000 });
    const { result, error } = (await page.evaluate('globalThis.outcome')) as {
      result?: { file: string; difference: number; code: string };
      error?: string;
    };
    if (result === undefined) return { error: [error, ...lines].join('\n') };
    if (result.code !== 'NOT_A_VQK') return { error: `nine zeros are refused with ${result.code}` };
    if (result.file !== expected) return { error: `Node makes ${expected}, this made ${result.file}` };
    if (result.difference < maxDifference) return {};
    return { error: `the restored photo differs by ${result.difference.toFixed(1)} of 255 levels` };
  } catch (error) {
    return { error: [String(error), ...lines].join('\n') };
  } finally {
    await page.close();
  }
}

/** Writes the application over what the last bundler left. */
function writeApplication(folder: string, files: Bundler['files']): void {
  for (const name of readdirSync(folder)) {
    if (!['node_modules', 'package.json'].includes(name)) rmSync(join(folder, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** The cells of one bundler. */
async function tryBundler(folder: string, browser: Browser, bundler: Bundler, expected: string): Promise<Cell[]> {
  writeApplication(folder, bundler.files);
  try {
    const { origin, close } = await open(folder, bundler);
    const cells: Cell[] = [];
    for (const { where, backend } of combinations) {
      cells.push(await visit(browser, `${origin}/?where=${where}&backend=${backend}`, expected));
    }
    close();
    return cells;
  } catch (error) {
    return combinations.map(() => ({ error: String(error) }));
  }
}

/** Puts rows into the table between the marks of the page. */
function writeTable(rows: ReadonlyMap<string, readonly Cell[]>): void {
  const file = fileURLToPath(new URL('../../docs/bundlers.md', import.meta.url));
  const text = readFileSync(file, 'utf8');
  const [, before = '', old = '', after = ''] =
    /^([\s\S]*<!-- matrix -->\n)([\s\S]*)(\n<!-- \/matrix -->[\s\S]*)$/.exec(text) ?? [];
  const kept = old.split('\n');
  const head = `| | ${combinations.map(({ where, backend }) => `${where}, ${backend === 'wasm' ? 'WebAssembly' : 'WebGPU'}`).join(' | ')} | needs |`;
  const lines = bundlers.flatMap(({ name, needs }) => {
    const cells = rows.get(name)?.map(({ error }) => (error === undefined ? 'yes' : 'no'));
    if (cells === undefined) return kept.filter((line) => line.startsWith(`| ${name} |`));
    return [`| ${name} | ${cells.join(' | ')} | ${needs || 'nothing'} |`];
  });
  writeFileSync(file, before + [head, '|---|---|---|---|---|---|', ...lines].join('\n') + after);
}

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean' } } });
const wanted = values.only?.toLowerCase().split(',') ?? [''];
const chosen = bundlers.filter(({ name }) => wanted.some((word) => name.toLowerCase().includes(word)));
const { dependencies } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const packages = [
  '@vqkit/core',
  '@vqkit/codec',
  '@vqkit/backend-webgpu',
  '@vqkit/backend-onnx',
  '@vqkit/weights-photo',
];
const project = await packProject({ packages, dependencies, fields: parcelFields });
const expected = await fileOfNode();
const browser = await launchChromium();
const rows = new Map<string, readonly Cell[]>();
for (const bundler of chosen) {
  const cells = await tryBundler(project.folder, browser, bundler, expected);
  rows.set(bundler.name, cells);
  for (const [i, { error }] of cells.entries()) {
    const { where, backend } = combinations[i]!;
    process.stdout.write(`${bundler.name}, ${where}, ${backend}: ${error === undefined ? 'ok' : `FAILED\n${error}`}\n`);
  }
  if (values.write) writeTable(rows);
}
await browser.close();
project.dispose();
const cells = [...rows.values()].flat();
const failed = cells.filter(({ error }) => error !== undefined).length;
process.stdout.write(`${cells.length - failed} passed, ${failed} failed, 0 skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;
