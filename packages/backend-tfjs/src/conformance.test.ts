/** The conformance kit on the runtimes that Node has, and a part of it in a browser. */
import { describeBackend } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlainReport } from '../../../tooling/plain-report.ts';
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
  const run = async (runtime: string, filter: string): Promise<PlainReport> => {
    const [result] = await runInBrowser({ runtimes: [runtime], filter });
    expect(result?.device).not.toContain('does not start');
    expect(result?.report?.failures).toEqual([]);
    return result!.report!;
  };

  it('wasm conforms', async () => {
    expect((await run('wasm', '')).passed).toBeGreaterThan(1800);
  });

  // All cases of the GPU runtimes take minutes on a software GPU: npm run conformance -- --backend tfjs-browser
  it.each(['conv2d:', 'gradient:'])('webgpu conforms in the cases %s', async (filter) => {
    expect((await run('webgpu', filter)).passed).toBeGreaterThan(10);
  });

  it('webgl conforms in the cases conv2d:', async () => {
    expect((await run('webgl', 'conv2d:')).passed).toBeGreaterThan(10);
  });
});
