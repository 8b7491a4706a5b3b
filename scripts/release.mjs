/**
 * `npm run release [-- --dry-run]`: applies the pending changesets, checks, tests and builds everything, and publishes
 * all packages at their one version. With `--dry-run` it packs them instead and publishes nothing.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runPnpm } from './lib/pnpm.mjs';
import { root, run, runTool } from './lib/run.mjs';
import { setup } from './setup.mjs';

const isDryRun = process.argv.includes('--dry-run');
const script = (name) => () => run(process.execPath, [join(root, 'scripts', `${name}.mjs`)]);
const tarballs = join('out', 'release');
const steps = [
  ...(isDryRun ? [] : [['version', () => runTool(['@changesets/cli', 'changeset'], ['version'])]]),
  ['check', script('check')],
  ['test', script('test')],
  ['build', script('build')],
  isDryRun
    ? [
        'pack',
        () =>
          runPnpm([
            '--recursive',
            '--filter=./packages/**',
            'exec',
            'pnpm',
            'pack',
            '--pack-destination',
            join(root, tarballs),
          ]),
      ]
    : ['publish', () => runTool(['@changesets/cli', 'changeset'], ['publish'])],
];

await setup();
mkdirSync(join(root, tarballs), { recursive: true });
for (const [name, step] of steps) {
  process.stderr.write(`release: ${name}\n`);
  const status = await step();
  if (status !== 0) {
    process.stderr.write(`release: ${name} failed, nothing further was done\n`);
    process.exit(status);
  }
}
