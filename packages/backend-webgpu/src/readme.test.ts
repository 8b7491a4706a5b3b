/** The snippets of the README run, and print what they say. */
import { describe, expect, it } from 'vitest';
import { runReadmeSnippets } from '../../../tooling/readme-snippets.ts';
import { openNodeGpu } from '../conformance/lib/node-gpu.ts';

const found = await openNodeGpu();

describe.skipIf(found === undefined)('README (needs a Vulkan driver)', () => {
  it.each(['../README.md', '../../../docs/webgpu-kernels.md'])('%s: its snippet runs', async (page) => {
    expect(await runReadmeSnippets(new URL(page, import.meta.url))).toBe(1);
  });
});
