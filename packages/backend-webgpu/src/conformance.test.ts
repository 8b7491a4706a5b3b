/**
 * The conformance kit on what the machine has: in Node on a Vulkan driver, with the kernels that the adapter is given
 * and with those for real GPUs, and in headless Chromium.
 */
import { existsSync, readdirSync } from 'node:fs';
import { describeBackend } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { findChromium, runInChromium } from '../../../tooling/run-in-chromium.ts';
import { hangMs } from '../../../tooling/time-limit.ts';
import type { BrowserReport, BrowserRun } from '../conformance/lib/browser-page.ts';
import { openNodeGpu } from '../conformance/lib/node-gpu.ts';
import { webgpu } from './index.ts';

const found = await openNodeGpu();
const needs = '(needs a Vulkan driver)';

const driverFolder = '/usr/share/vulkan/icd.d';
const hasLavapipe = existsSync(driverFolder) && readdirSync(driverFolder).some((file) => file.startsWith('lvp_icd'));

// The Mesa of older systems is too old for Dawn; in CI it is not, and nothing may be skipped there unnoticed.
describe.skipIf(!process.env.CI || !hasLavapipe)('in CI, with lavapipe installed', () => {
  it('a driver opens in Node, and computes with f16', () => {
    expect(found?.features).toContain('shader-f16');
  });
});

if (found) {
  const { gpu } = found;
  const options = { describe, it, afterAll, timeoutMs: hangMs };
  describeBackend('webgpu', () => webgpu({ gpu }), options);
  describeBackend('webgpu, kernels for real GPUs', () => webgpu({ gpu, isSoftware: false, tune: false }), options);
} else {
  it.skip(`webgpu conforms in Node ${needs}`, () => {});
}

describe.skipIf(findChromium() === undefined)('in Chromium (needs a browser)', () => {
  it('webgpu conforms', async () => {
    const lines: string[] = [];
    const { adapter, report } = await runInChromium<BrowserReport>({
      entry: new URL('../conformance/lib/browser-page.ts', import.meta.url),
      argument: { filter: '' } satisfies BrowserRun,
      onConsole: (line) => void lines.push(line),
    });
    expect(adapter, lines.join('\n')).not.toContain('does not start');
    expect(report?.failures).toEqual([]);
    expect(report?.passed).toBeGreaterThan(1500);
  });
});
