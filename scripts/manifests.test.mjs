/** Pages of published packages: where the sources are, and links that work elsewhere. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { absoluteLinks, checkManifests } from './manifests.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vqkit-manifests-'));
  mkdirSync(join(root, 'packages/one'), { recursive: true });
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'docs/a.md'), '');
  writeFileSync(join(root, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n');
  writeFileSync(join(root, 'package.json'), '{ "repository": "github:somebody/vqkit" }');
  const manifest = {
    name: '@vqkit/one',
    version: '1.0.0',
    description: 'One.',
    keywords: ['a', 'b', 'c'],
    exports: {},
  };
  writeFileSync(join(root, 'packages/one/package.json'), JSON.stringify(manifest));
  writeFileSync(join(root, 'packages/one/README.md'), '[a](../../docs/a.md#part), [b](#b), ![c](c.png)\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('says what is missing, and mends what follows from the owner', () => {
  expect(checkManifests(root)).toEqual([
    expect.stringContaining('packages/one/package.json does not say where its sources are'),
    expect.stringContaining('packages/one/README.md has links that work only here'),
    'packages/one/README.md: there is no packages/one/c.png',
  ]);
  writeFileSync(join(root, 'packages/one/c.png'), '');
  expect(checkManifests(root, true)).toEqual([]);
  expect(checkManifests(root)).toEqual([]);
  expect(JSON.parse(readFileSync(join(root, 'packages/one/package.json'), 'utf8'))).toMatchObject({
    repository: { type: 'git', url: 'git+https://github.com/somebody/vqkit.git', directory: 'packages/one' },
    homepage: 'https://github.com/somebody/vqkit/tree/main/packages/one#readme',
    bugs: 'https://github.com/somebody/vqkit/issues',
  });
  writeFileSync(join(root, 'package.json'), '{ "repository": "github:another/vqkit" }');
  expect(checkManifests(root)).toHaveLength(2);
});

it('makes links of a README absolute, and follows another owner', () => {
  const once = absoluteLinks('[a](../../docs/a.md#part), [b](#b), ![c](c.png)', 'github:x/vqkit', 'packages/one');
  expect(once).toBe(
    '[a](https://github.com/x/vqkit/blob/main/docs/a.md#part), [b](#b), ' +
      '![c](https://raw.githubusercontent.com/x/vqkit/main/packages/one/c.png)',
  );
  expect(absoluteLinks(once, 'github:y/vqkit', 'packages/one')).toBe(once.replaceAll('/x/', '/y/'));
});

it('leaves private packages and foreign links alone', () => {
  writeFileSync(join(root, 'packages/one/package.json'), '{ "name": "@vqkit/one", "private": true }');
  expect(checkManifests(root)).toEqual([]);
  const foreign = '[a](https://example.org/x/y)';
  expect(absoluteLinks(foreign, 'github:x/vqkit', 'packages/one')).toBe(foreign);
});
