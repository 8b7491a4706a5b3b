/** The import check on small workspaces made for each case; the repository itself is checked by `npm run check`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports, importsOf } from './check-imports.mjs';
import { mayImport, rules } from './lib/import-rules.mjs';
import { root as repository } from './lib/run.mjs';
import { listPackages } from './lib/workspace.mjs';

let root;

function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vqkit-imports-'));
  write('package.json', { devDependencies: { vitest: '1' } });
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - packages/quantizers/*\n\nonlyBuiltDependencies: []\n');
  write('packages/core/package.json', { name: '@vqkit/core', exports: { '.': {}, './testing': {} } });
  const dependencies = { '@vqkit/core': 'workspace:^' };
  write('packages/models/package.json', { name: '@vqkit/models', exports: { '.': {} }, dependencies });
  write('packages/codec/package.json', {
    name: '@vqkit/codec',
    exports: { '.': {} },
    dependencies: { ...dependencies, '@vqkit/models': 'workspace:^' },
  });
  write('packages/quantizers/vq/package.json', { name: '@vqkit/quantizer-vq', exports: { '.': {} }, dependencies });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('checkImports', () => {
  it('accepts imports that follow the table', () => {
    write('packages/quantizers/vq/src/index.ts', "import { add } from '@vqkit/core';\nexport * from './vq.ts';\n");
    write('packages/quantizers/vq/src/vq.test.ts', "import { it } from 'vitest';\nimport '@vqkit/core/testing';\n");
    expect(checkImports(root)).toEqual({ violations: [], files: 2, packages: 4 });
  });

  it('names file, line and rule when an import points the wrong way', () => {
    write('packages/core/src/index.ts', "export const one = 1;\n\nimport type { Model } from '@vqkit/models';\n");
    expect(checkImports(root).violations).toEqual([
      "packages/core/src/index.ts:3: '@vqkit/models': @vqkit/core may import no package of ours",
    ]);
  });

  it('sees dynamic imports, re-exports and tests', () => {
    write('packages/models/src/a.ts', "export const load = () => import('@vqkit/codec');\n");
    write('packages/models/src/b.ts', "export * from '@vqkit/codec';\n");
    write('packages/models/src/c.test.ts', "import '@vqkit/codec';\n");
    expect(checkImports(root).violations.map((violation) => violation.split(':')[0])).toEqual([
      'packages/models/src/a.ts',
      'packages/models/src/b.ts',
      'packages/models/src/c.test.ts',
    ]);
  });

  it('reads the manifests too', () => {
    write('packages/core/package.json', { name: '@vqkit/core', dependencies: { '@vqkit/codec': 'workspace:^' } });
    expect(checkImports(root).violations).toEqual([
      'packages/core/package.json:4: dependencies @vqkit/codec: @vqkit/core may import no package of ours',
    ]);
  });

  it('keeps the bitstream to its own folder, and lets its tests use the test runner', () => {
    write('packages/codec/src/bitstream/a.ts', "import { b } from './b.ts';\nimport { c } from '../c.ts';\n");
    write('packages/codec/src/bitstream/b.ts', "import '@vqkit/core';\nimport 'node:fs';\n");
    write('packages/codec/src/bitstream/a.test.ts', "import 'vitest';\nimport 'node:fs';\nimport './a.ts';\n");
    const rule = 'packages/codec/src/bitstream imports nothing from outside its folder';
    expect(checkImports(root).violations).toEqual([
      `packages/codec/src/bitstream/a.ts:2: '../c.ts': ${rule}`,
      `packages/codec/src/bitstream/b.ts:1: '@vqkit/core': ${rule}`,
      `packages/codec/src/bitstream/b.ts:2: 'node:fs': ${rule}`,
    ]);
  });

  it('refuses relative ways into other packages, unknown entry points and undeclared packages', () => {
    write('packages/models/src/a.ts', "import '../../core/src/index.ts';\n");
    write('packages/models/src/b.ts', "import '@vqkit/core/src/index.ts';\n");
    write('packages/models/src/c.ts', "import 'left-pad';\n");
    write('packages/models/src/d.ts', "import 'vitest';\n");
    const violations = checkImports(root).violations.join('\n');
    expect(violations).toContain('a relative import stays inside its package');
    expect(violations).toContain('@vqkit/core has no entry point ./src/index.ts');
    expect(violations).toContain('left-pad is not among the dependencies (or peers) of @vqkit/models');
    expect(violations).toContain('vitest is not among the dependencies (or peers) of @vqkit/models');
  });

  it('lets weights packages alone bundle what they share, which imports no package either', () => {
    write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - packages/weights/*\n');
    write('packages/weights/photo/package.json', { name: '@vqkit/weights-photo', exports: { '.': {} } });
    write('packages/weights/photo/src/index.ts', "export * from '../../shared/src/load.ts';\n");
    write('packages/weights/shared/src/load.ts', "import 'node:fs';\nimport '@vqkit/core';\nimport 'left-pad';\n");
    write('packages/models/src/a.ts', "import '../../weights/shared/src/load.ts';\n");
    const violations = checkImports(root).violations.map((violation) => violation.split(': ').slice(0, 2).join(': '));
    expect(violations).toEqual([
      "packages/models/src/a.ts:1: '../../weights/shared/src/load.ts'",
      "packages/weights/shared/src/load.ts:2: '@vqkit/core'",
      "packages/weights/shared/src/load.ts:3: 'left-pad'",
    ]);
  });
});

describe('importsOf', () => {
  it('does not take comments and strings for imports', () => {
    const text = "/** import { a } from 'x'; */\nconst s = \"import 'y'\";\n// import 'z'\nimport w from 'w';\n";
    expect(importsOf(text)).toEqual([{ specifier: 'w', line: 4 }]);
  });
});

describe('the table of rules', () => {
  it('has a rule for every package of the repository', () => {
    const names = listPackages(repository).map(({ manifest }) => manifest.name);
    expect(names.filter((name) => !mayImport(name, '@vqkit/core', { isTest: true }))).toEqual(['@vqkit/core']);
  });

  it('never lets two packages import each other', () => {
    const names = listPackages(repository).map(({ manifest }) => manifest.name);
    const mutual = names.flatMap((a) =>
      names.filter((b) => a < b && mayImport(a, b, { isTest: true }) && mayImport(b, a, { isTest: true })),
    );
    expect(rules.length).toBeGreaterThan(0);
    expect(mutual).toEqual([]);
  });
});
