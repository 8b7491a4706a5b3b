/** New packages look like the ones that are here. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root as repositoryFolder } from './lib/run.mjs';
import { createPackage, packageFiles } from './new-package.mjs';

const { repository } = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8'));
const shared = [
  'repository',
  'homepage',
  'bugs',
  'name',
  'exports',
  'type',
  'license',
  'sideEffects',
  'engines',
  'files',
  'dependencies',
  'scripts',
];

describe('packageFiles', () => {
  it('makes the same manifest and configuration as an existing quantizer has', () => {
    const folder = join(repositoryFolder, 'packages/quantizers/simvq');
    const files = packageFiles('quantizer', 'simvq', '0.1.0', repository);
    const read = (file) => readFileSync(join(folder, file), 'utf8');
    const [made, kept] = [files['package.json'], read('package.json')].map((text) => JSON.parse(text));
    expect(kept).toMatchObject(Object.fromEntries(shared.map((field) => [field, made[field]])));
    expect(JSON.parse(files['tsconfig.json'])).toEqual(JSON.parse(read('tsconfig.json')));
    expect(files['tsup.config.ts']).toBe(read('tsup.config.ts'));
  });
});

describe('createPackage', () => {
  let root;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vqkit-new-'));
    mkdirSync(join(root, 'packages/core'), { recursive: true });
    writeFileSync(join(root, 'packages/core/package.json'), '{ "version": "3.2.1" }');
    writeFileSync(join(root, 'package.json'), '{ "repository": "github:vqkit/vqkit" }');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes the package at the version that all packages share', () => {
    expect(createPackage(root, 'backend', 'mine')).toBe('packages/backend-mine');
    const manifest = JSON.parse(readFileSync(join(root, 'packages/backend-mine/package.json'), 'utf8'));
    expect([manifest.name, manifest.version]).toEqual(['@vqkit/backend-mine', '3.2.1']);
  });

  it('refuses unknown kinds, odd names and folders that exist', () => {
    expect(() => createPackage(root, 'metric', 'mine')).toThrow('unknown kind metric');
    expect(() => createPackage(root, 'quantizer', '../up')).toThrow('bad name');
    createPackage(root, 'quantizer', 'mine');
    expect(() => createPackage(root, 'quantizer', 'mine')).toThrow('exists already');
  });
});
