/** Packs the smallest package for real: build, tarball, npm, Node. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedProject, packProject } from './pack-project.ts';

let project: PackedProject;

beforeAll(async () => {
  project = await packProject({ packages: ['@vqkit/quantizer-fsq'], link: { webgpu: 'packages/backend-webgpu' } });
});
afterAll(() => project.dispose());

describe('packProject', () => {
  it('packs a package together with what it needs of ours, and nothing else', () => {
    expect([...project.packages].sort()).toEqual(['@vqkit/core', '@vqkit/quantizer-fsq']);
    expect(existsSync(join(project.folder, 'node_modules', '@vqkit', 'core', 'dist', 'index.js'))).toBe(true);
    expect(existsSync(join(project.folder, 'node_modules', '@vqkit', 'core', 'src'))).toBe(false);
  });

  it('lets plain Node import the installed package from its bundled form', async () => {
    const { stdout } = await project.run("console.log(import.meta.resolve('@vqkit/core/testing'));");
    expect(stdout.trim()).toMatch(/node_modules\/@vqkit\/core\/dist\/testing\/index\.js$/);
    await project.run("await import('@vqkit/quantizer-fsq');");
  });

  it('links engines from this checkout', () => {
    expect(existsSync(join(project.folder, 'node_modules', 'webgpu', 'package.json'))).toBe(true);
  });

  it('names a package that does not exist', async () => {
    await expect(packProject({ packages: ['@vqkit/nothing'] })).rejects.toThrow('@vqkit/nothing is no package');
  });
});
