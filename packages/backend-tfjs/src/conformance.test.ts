/** The conformance kit on the runtimes that Node has, and a part of it in a browser. */
import { describeBackend } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../tooling/run-in-chromium.ts';
import { runInBrowser } from '../conformance/lib/run-in-browser.ts';
import { hasTfjs, importTfjs, needsTfjs } from '../conformance/lib/with-tfjs.ts';
import { tfjs } from './tfjs.ts';

for (const runtime of ['cpu', 'wasm']) {
  if (hasTfjs)
    describeBackend(`tfjs-${runtime}`, async () => tfjs(await importTfjs(), { runtime }), { describe, it, afterAll });
  else it.skip(`tfjs-${runtime} conforms ${needsTfjs}`, () => {});
}

const hasBrowser = hasTfjs && findChromium() !== undefined;

describe.skipIf(!hasBrowser)(`in Chromium ${needsTfjs}`, () => {
  it('wasm and webgpu convolve, pool and reduce as the reference does', { timeout: 300_000 }, async () => {
    const reports = await runInBrowser({ runtimes: ['wasm', 'webgpu'], filter: 'conv2d:' });
    for (const { report, device } of reports) {
      expect(device).not.toContain('does not start');
      expect(report?.failures).toEqual([]);
      expect(report?.passed).toBeGreaterThan(10);
    }
  });
});
