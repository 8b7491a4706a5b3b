/** The snippets of the README run, and print what they say. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runReadmeSnippets } from '../../../tooling/readme-snippets.ts';
import { openNodeGpu } from '../conformance/lib/node-gpu.ts';

const found = await openNodeGpu();

describe.skipIf(found === undefined)('README (needs a Vulkan driver)', () => {
  it('has snippets that run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vqkit-readme-'));
    try {
      // Dawn is not where snippets look for it.
      const dawn = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
      const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll("'webgpu'", `'${dawn}'`);
      writeFileSync(join(folder, 'README.md'), text);
      expect(await runReadmeSnippets(pathToFileURL(join(folder, 'README.md')))).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
