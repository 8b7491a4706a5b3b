/**
 * Size budgets: every entry point's own code, minified, stays under its number in `size-budgets.json` (or the default
 * there); other packages do not count. A number is raised on purpose, in the commit that needs it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root } from '../scripts/lib/run.mjs';
import { listPackages } from '../scripts/lib/workspace.mjs';
import { bundleSize } from './bundle-size.ts';

interface Budgets {
  readonly defaultMaxBytes: number;
  readonly oneOp: { readonly maxBytes: number; readonly maxGzippedBytes: number };
  readonly entries: Readonly<Record<string, number>>;
}

const budgets = JSON.parse(readFileSync(new URL('./size-budgets.json', import.meta.url), 'utf8')) as Budgets;
const packages: { path: string; manifest: Record<string, unknown> }[] = listPackages(root);
const entries = packages
  .filter(({ manifest }) => manifest.private !== true)
  .flatMap(({ manifest }) => {
    // Patterns are data, such as weights; they hold no code.
    const points = Object.keys(manifest.exports as object).filter((point) => !/package\.json$|\*/.test(point));
    return points.map((point) => `${manifest.name}${point.slice(1)}`);
  });

describe('size budgets', () => {
  it.each(entries)('%s stays within its budget', async (entry) => {
    const others = entries.filter((other) => !isSamePackage(other, entry));
    const { minified } = await bundleSize(`export * from '${entry}';`, others);
    expect(minified).toBeLessThanOrEqual(budgets.entries[entry] ?? budgets.defaultMaxBytes);
  });

  it('make one op of core cost a few kilobytes, because core depends on nothing and unused code falls away', async () => {
    const core = packages.find(({ manifest }) => manifest.name === '@vqkit/core');
    expect(core?.manifest).toMatchObject({ name: '@vqkit/core', sideEffects: false });
    expect(core?.manifest).not.toHaveProperty('dependencies');
    expect(core?.manifest).not.toHaveProperty('peerDependencies');
    const { minified, gzipped } = await bundleSize("export { add } from '@vqkit/core';");
    // tensor, scopes and the gradient of a broadcasting op come along
    expect(gzipped).toBeLessThanOrEqual(budgets.oneOp.maxGzippedBytes);
    expect(minified).toBeLessThanOrEqual(budgets.oneOp.maxBytes);
  });

  it('name entry points that exist', () => {
    expect(Object.keys(budgets.entries).filter((entry) => !entries.includes(entry))).toEqual([]);
  });
});

describe('bundleSize', () => {
  it('measures what is used and drops the rest', async () => {
    const helper = "function helper() { return 'a text that is only there when somebody asks for it'; }";
    const used = await bundleSize(`${helper} export const a = helper;`);
    const unused = await bundleSize(`${helper} export const a = 1;`);
    expect(used.minified).toBeGreaterThan(60);
    expect(unused.minified).toBeLessThan(40);
  });
});

/** Whether two entry points belong to one package. */
function isSamePackage(a: string, b: string): boolean {
  const nameOf = (entry: string): string =>
    entry
      .split('/')
      .slice(0, entry.startsWith('@') ? 2 : 1)
      .join('/');
  return nameOf(a) === nameOf(b);
}
