/** A page in a real browser; skipped where there is none. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findChromium, runInChromium } from './run-in-chromium.ts';

const entry = new URL('./fixtures/page.ts', import.meta.url);
const mounts = { '/here/': fileURLToPath(new URL('../packages/core', import.meta.url)) };

describe.skipIf(findChromium() === undefined)('runInChromium (skipped without Chromium)', () => {
  it('runs a bundled function in an isolated page with WebGPU and mounted folders', async () => {
    const lines: string[] = [];
    const onConsole = (line: string): void => void lines.push(line);
    const result = await runInChromium({ entry, argument: { fail: false }, mounts, onConsole });
    expect(result).toEqual({ isolated: true, hasWebgpu: true, name: '@vqkit/core', escaped: 404 });
    expect(lines).toContain('in the page');
  });

  it('passes on what the function throws', async () => {
    await expect(runInChromium({ entry, argument: { fail: true }, mounts })).rejects.toThrow('asked to fail');
  });
});
