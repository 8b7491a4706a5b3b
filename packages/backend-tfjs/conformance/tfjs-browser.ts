/**
 * tfjs's browser runtimes as a target of `npm run conformance -- --backend tfjs-browser`: WebAssembly, WebGPU and
 * WebGL in headless Chromium.
 */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import type { PlainReport } from '../../../tooling/plain-report.ts';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import type { RuntimeReport } from './lib/browser-page.ts';
import { ensurePeers } from './lib/peers.ts';
import { publishTable } from './lib/readme-tables.ts';
import { runInBrowser } from './lib/run-in-browser.ts';

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
  const reports = await runInBrowser({ runtimes: ['wasm', 'webgpu', 'webgl'], filter, onConsole: log });
  for (const { runtime, device, report, differences } of reports) {
    if (differences) publishTable(runtime, differences, log);
    const counts = report
      ? `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped in ${(report.durationMs / 1000).toFixed(0)} s`
      : 'not run';
    log(`${runtime} on ${device}: ${counts}`);
  }
  const hasGpu = reports.some(({ runtime, report }) => runtime !== 'wasm' && report);
  const report = sum(reports);
  if (hasGpu) return { report };
  const failure = { name: 'a GPU runtime starts', message: 'expected webgpu or webgl to start in Chromium' };
  return { report: { ...report, failed: report.failed + 1, failures: [...report.failures, failure] } };
}
