/** onnxruntime-web (WebAssembly) in headless Chromium as a target of `npm run conformance -- --backend onnx-web`. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import type { PlainReport } from '../../../tooling/plain-report.ts';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';

export default async function target({ filter, log }: ConformanceRun): Promise<ConformanceTarget> {
  if (findChromium() === undefined) return { skipped: 'no Chromium is installed' };
  const report = await runInChromium<PlainReport>({
    entry: new URL('./lib/browser-page.ts', import.meta.url),
    argument: { filter },
    mounts: { '/ort/': dirname(createRequire(import.meta.url).resolve('onnxruntime-web')) },
    timeoutMs: 1_800_000,
    onConsole: log,
  });
  return { report };
}
