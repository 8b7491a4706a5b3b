/** Runs the conformance kit on tfjs's runtimes in headless Chromium. */
import { join } from 'node:path';
import { runInChromium } from '../../../../tooling/run-in-chromium.ts';
import type { RuntimeReport } from './browser-page.ts';
import { peerFolder } from './peers.ts';

const packages = ['tfjs-core', 'tfjs-backend-cpu', 'tfjs-backend-wasm', 'tfjs-backend-webgl', 'tfjs-backend-webgpu'];

/** Which runtimes, which cases. */
export interface BrowserOptions {
  /** tfjs's names, e.g. `['wasm', 'webgpu']`. */
  readonly runtimes: readonly string[];
  /** Only cases whose name contains this; empty for all. */
  readonly filter: string;
  /** Called with each line that the page prints. */
  readonly onConsole?: (line: string) => void;
}

/** Bundles the page with the peers' tfjs, runs it, and returns one report per runtime. */
export function runInBrowser({ onConsole, ...options }: BrowserOptions): Promise<RuntimeReport[]> {
  const names = packages.map((name) => `@tensorflow/${name}`);
  return runInChromium<RuntimeReport[]>({
    entry: new URL('./browser-page.ts', import.meta.url),
    argument: { ...options, wasmPath: '/tfjs/' },
    alias: Object.fromEntries(names.map((name) => [name, peerFolder(name)])),
    mounts: { '/tfjs/': join(peerFolder('@tensorflow/tfjs-backend-wasm'), 'dist') },
    timeoutMs: 3_000_000,
    ...(onConsole && { onConsole }),
  });
}
