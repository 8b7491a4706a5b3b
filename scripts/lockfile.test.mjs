/** The lockfile serves other systems than the one that wrote it: the binaries of macOS and Windows are in it too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './lib/run.mjs';

const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
const [, packages, snapshots] = lockfile.match(/\npackages:\n([\s\S]*)\nsnapshots:\n([\s\S]*)$/);
const known = new Set([...packages.matchAll(/^ {2}'?([^\s':(]+@[^\s':(]+)/gm)].map(([, name]) => name));

it('has every optional binary that a package names', () => {
  const blocks = [...snapshots.matchAll(/ {4}optionalDependencies:\n((?: {6}.*\n)+)/g)].map(([, block]) => block);
  const named = blocks.flatMap((block) => [...block.matchAll(/^ {6}'?([^\s':]+)'?: '?([^\s'(]+)/gm)]);
  expect(named.length).toBeGreaterThan(50);
  expect(named.map(([, name, version]) => `${name}@${version}`).filter((name) => !known.has(name))).toEqual([]);
});

it.each(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'])('has the tools for %s', (system) => {
  for (const tool of ['@biomejs/cli-', '@esbuild/', '@img/sharp-', '@rolldown/binding-', '@oxc-parser/binding-']) {
    expect(
      [...known].some((name) => name.startsWith(`${tool}${system}`)),
      `${tool}${system}`,
    ).toBe(true);
  }
});
