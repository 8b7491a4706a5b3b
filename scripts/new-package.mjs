/**
 * `node scripts/new-package.mjs quantizer|backend|weights <name>`: makes the folder of a new package with its manifest and
 * configuration and an empty public API, then installs it into the workspace. What is left to write is code, test,
 * public API and README. Names resolve to the new sources by the patterns of `tsconfig.base.json`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runPnpm } from './lib/pnpm.mjs';
import { root as ownRoot } from './lib/run.mjs';
import { pageFields, scriptOf } from './manifests.mjs';

const kinds = {
  quantizer: { folder: (name) => `packages/quantizers/${name}`, dependencies: { '@vqkit/core': 'workspace:^' } },
  backend: { folder: (name) => `packages/backend-${name}`, dependencies: { '@vqkit/core': 'workspace:^' } },
  weights: { folder: (name) => `packages/weights/${name}`, dependencies: {} },
};

/** The files of a new package: path relative to its folder → text. */
export function packageFiles(kind, name, version, repository) {
  const folder = kinds[kind].folder(name);
  const up = folder
    .split('/')
    .map(() => '..')
    .join('/');
  const { dependencies } = kinds[kind];
  const manifest = {
    name: `@vqkit/${kind}-${name}`,
    version,
    description: '',
    keywords: ['vqkit', 'vector-quantization', ...name.split('-')],
    ...pageFields(repository, folder),
    type: 'module',
    license: 'MIT',
    sideEffects: false,
    engines: { node: '^20.19 || >=22.12' },
    files: ['dist', 'README.md', 'CHANGELOG.md'],
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    ...(Object.keys(dependencies).length > 0 ? { dependencies } : {}),
    scripts: {
      build: 'tsup',
      test: `vitest run --root ${up} ${folder}/`,
      typecheck: 'tsc --noEmit',
      tarball: scriptOf(folder, 'tarball'),
    },
    publishConfig: { access: 'public' },
  };
  const include = kind === 'backend' ? ['src', 'conformance'] : ['src'];
  const tsup = [
    `import { preset } from '${up}/tooling/tsup-preset.ts';`,
    '',
    "export default preset(['src/index.ts']);",
  ];
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({ extends: `${up}/tsconfig.base.json`, include }, null, 2)}\n`,
    'tsup.config.ts': `${tsup.join('\n')}\n`,
    'src/index.ts': 'export {};\n',
    'README.md': `# ${manifest.name}\n`,
  };
}

/**
 * Writes a new package into a repository.
 *
 * @returns {string} Its folder, relative to the root.
 * @throws Error for an unknown kind, a bad name, or a folder that exists.
 */
export function createPackage(root, kind, name) {
  if (!Object.hasOwn(kinds, kind)) throw new Error(`unknown kind ${kind}: one of ${Object.keys(kinds).join(', ')}`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(`bad name ${name}: use kebab-case, e.g. lookup-free`);
  const folder = kinds[kind].folder(name);
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists already`);
  const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const { version } = read('packages/core/package.json');
  const { repository } = read('package.json');
  for (const [file, text] of Object.entries(packageFiles(kind, name, version, repository))) {
    const path = join(root, folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [kind, name] = process.argv.slice(2);
  try {
    if (kind === undefined || name === undefined) throw new Error('usage: new-package.mjs <kind> <name>');
    process.stdout.write(`${createPackage(ownRoot, kind, name)}\n`);
    process.exitCode = await runPnpm(['install', '--no-frozen-lockfile'], { stdio: ['ignore', 2, 2] });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
