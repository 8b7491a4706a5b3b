/** What users would get of a package is looked at, and what is wrong with it is named. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookAtTarball } from './tarball.mjs';

let folder;

function write(path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vqkit-look-'));
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
  write('package.json', { name: 'one', version: '1.0.0', type: 'module', license: 'MIT', files: ['dist'], exports });
  write('dist/index.js', 'export const one = 1;\n');
  write('dist/index.d.ts', 'export declare const one: number;\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('finds nothing wrong with a package whose files are what its manifest says', async () => {
  expect(await lookAtTarball(folder)).toEqual([]);
});

it('names publint where an entry point is not in the tarball', async () => {
  rmSync(join(folder, 'dist/index.js'));
  expect(await lookAtTarball(folder)).toContain('publint');
});

it('names attw where types import what is not in the tarball', async () => {
  write('dist/index.d.ts', "export { two } from './two.js';\n");
  expect(await lookAtTarball(folder)).toEqual(['attw']);
});
