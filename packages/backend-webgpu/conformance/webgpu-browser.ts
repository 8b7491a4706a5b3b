/** WebGPU in headless Chromium as a target of `npm run conformance -- --backend webgpu-browser`. */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';
import type { BrowserReport, BrowserRun } from './lib/browser-page.ts';

export default async function target({ filter, log }: ConformanceRun): Promise<ConformanceTarget> {
  if (findChromium() === undefined) return { skipped: 'no Chromium is installed' };
  const argument: BrowserRun = { filter };
  const { adapter, report } = await runInChromium<BrowserReport>({
    entry: new URL('./lib/browser-page.ts', import.meta.url),
    argument,
    onConsole: log,
    timeoutMs: 1_800_000,
  });
  log(`adapter: ${adapter}`);
  if (report) return { report: { ...report, adapter } };
  const failure = { name: 'WebGPU starts in Chromium', message: adapter };
  return { report: { backend: 'webgpu', passed: 0, failed: 1, skipped: 0, durationMs: 0, failures: [failure] } };
}
