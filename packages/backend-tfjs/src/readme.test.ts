/** The snippets of the README run, and print what they say. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runReadmeSnippets } from '../../../tooling/readme-snippets.ts';
import { peerFile } from '../conformance/lib/peers.ts';
import { hasTfjs, needsTfjs } from '../conformance/lib/with-tfjs.ts';

const readme = new URL('../README.md', import.meta.url);

describe.skipIf(!hasTfjs)(`README ${needsTfjs}`, () => {
  it('has snippets that run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vqkit-readme-'));
    try {
      // tfjs is not where snippets look for it.
      const text = readFileSync(readme, 'utf8').replaceAll(
        /'(@tensorflow\/[a-z-]+)'/g,
        (_, name: string) => `'${pathToFileURL(peerFile(name)).href}'`,
      );
      writeFileSync(join(folder, 'README.md'), text);
      expect(await runReadmeSnippets(pathToFileURL(join(folder, 'README.md')))).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
