/** The check for what is unused fails where it should: on a small workspace under the repository's own configuration. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root as repository, toolFile } from './lib/run.mjs';

let root;

function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** What knip reports: `{ status, output }`. */
function check() {
  return new Promise((done) => {
    execFile(process.execPath, [toolFile('knip'), '--no-config-hints'], { cwd: root }, (error, stdout, stderr) =>
      done({ status: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vqkit-unused-'));
  for (const file of ['knip.config.js', 'scripts/lib/workspace.mjs', 'pnpm-workspace.yaml'])
    cpSync(join(repository, file), join(root, file));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
  write('package.json', { name: 'root', private: true, type: 'module' });
  write('scripts/a.mjs', "import { listPackages } from './lib/workspace.mjs';\nlistPackages('.');\n");
  write(
    'scripts/b.mjs',
    "import { listSources, posixRelative } from './lib/workspace.mjs';\nlistSources(posixRelative);\n",
  );
  write('packages/one/package.json', { name: '@vqkit/one', exports: { '.': { default: './dist/index.js' } } });
  write('packages/one/src/index.ts', "export { used } from './used.ts';\n");
  write('packages/one/src/used.ts', 'export const used = 1;\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('npm run check', () => {
  it('takes what entry points list by hand for used', async () => {
    expect(await check()).toEqual({ status: 0, output: '' });
  });

  it('fails on an export that nothing imports', async () => {
    write('packages/one/src/used.ts', 'export const used = 1;\nexport const unused = 2;\n');
    const { status, output } = await check();
    expect(output).toMatch(/Unused exports \(1\)\nunused +packages\/one\/src\/used\.ts:2/);
    expect(status).toBe(1);
  });

  it('fails on a dependency that nothing imports, and on a file', async () => {
    write('packages/one/package.json', {
      name: '@vqkit/one',
      exports: { '.': { default: './dist/index.js' } },
      dependencies: { '@vqkit/two': 'workspace:^' },
    });
    write('packages/two/package.json', { name: '@vqkit/two', exports: { '.': { default: './dist/index.js' } } });
    write('packages/two/src/index.ts', 'export const two = 2;\n');
    write('packages/two/src/forgotten.ts', 'export const three = 3;\n');
    const { status, output } = await check();
    expect(output).toMatch(/Unused files \(1\)\npackages\/two\/src\/forgotten\.ts/);
    expect(output).toMatch(/Unused dependencies \(1\)\n@vqkit\/two +packages\/one\/package\.json/);
    expect(status).toBe(1);
  });
});
