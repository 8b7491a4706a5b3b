/**
 * tfjs's browser runtimes as a target of `npm run conformance -- --backend tfjs-browser`: WebAssembly, WebGPU and
 * WebGL in headless Chromium.
 */
import { join } from 'node:path';
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import type { PlainReport } from '../../../tooling/plain-report.ts';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';
import type { BrowserRun, RuntimeReport } from './lib/browser-page.ts';
import { ensurePeers, peerFolder } from './lib/peers.ts';

const packages = ['tfjs-core', 'tfjs-backend-cpu', 'tfjs-backend-wasm', 'tfjs-backend-webgl', 'tfjs-backend-webgpu'];

/** One report of several. */
function sum(reports: readonly RuntimeReport[]): PlainReport {
  const all = reports.flatMap(({ runtime, report }) => (report ? [{ runtime, ...report }] : []));
  const count = (key: 'passed' | 'failed' | 'skipped' | 'durationMs'): number =>
    all.reduce((total, report) => total + report[key], 0);
  return {
    backend: all.map(({ backend }) => backend).join(' + '),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    durationMs: count('durationMs'),
    failures: all.flatMap(({ runtime, failures }) =>
      failures.map(({ name, message }) => ({ name: `${runtime}: ${name}`, message })),
    ),
  };
}

export default async function target({ filter, log }: ConformanceRun): Promise<ConformanceTarget> {
  if (findChromium() === undefined) return { skipped: 'no Chromium is installed' };
  await ensurePeers();
  const argument: BrowserRun = { runtimes: ['wasm', 'webgpu', 'webgl'], filter, wasmPath: '/tfjs/' };
  const names = packages.map((name) => `@tensorflow/${name}`);
  const reports = await runInChromium<RuntimeReport[]>({
    entry: new URL('./lib/browser-page.ts', import.meta.url),
    argument,
    alias: Object.fromEntries(names.map((name) => [name, peerFolder(name)])),
    mounts: { '/tfjs/': join(peerFolder('@tensorflow/tfjs-backend-wasm'), 'dist') },
    onConsole: log,
    timeoutMs: 1_800_000,
  });
  for (const { runtime, device, report } of reports) {
    const counts = report ? `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped` : 'not run';
    log(`${runtime} on ${device}: ${counts}`);
  }
  const hasGpu = reports.some(({ runtime, report }) => runtime !== 'wasm' && report);
  const report = sum(reports);
  if (hasGpu) return { report };
  const failure = { name: 'a GPU runtime starts', message: 'expected webgpu or webgl to start in Chromium' };
  return { report: { ...report, failed: report.failed + 1, failures: [...report.failures, failure] } };
}
