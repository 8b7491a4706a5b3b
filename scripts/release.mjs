/**
 * `npm run release [-- --dry-run]`: applies the pending changesets, checks, tests and builds everything, and publishes
 * all packages at their one version. With `--dry-run` it packs them into `out/release` and publishes nothing.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runPnpm } from './lib/pnpm.mjs';
import { root, run, runTool } from './lib/run.mjs';
import { listPackages, posixRelative } from './lib/workspace.mjs';
import { setup } from './setup.mjs';
import { tasks } from './task.mjs';

const isDryRun = process.argv.includes('--dry-run');
const script = (name) => () => run(process.execPath, [join(root, 'scripts', `${name}.mjs`)]);

/** Packs every package that is not private; ends at the first that fails. */
async function packAll() {
  const destination = join(root, 'out', 'release');
  mkdirSync(destination, { recursive: true });
  for (const { folder, manifest } of listPackages(root)) {
    if (manifest.private === true) continue;
    // relative, so that no space of this machine's paths gets into the arguments
    const args = ['pack', '--pack-destination', posixRelative(folder, destination)];
    const status = await runPnpm(args, { cwd: folder });
    if (status !== 0) return status;
  }
  return 0;
}

const steps = [
  ...(isDryRun ? [] : [['version', () => runTool(['@changesets/cli', 'changeset'], ['version'])]]),
  ['check', script('check')],
  ['test', script('test')],
  ['build', () => tasks.build([])],
  isDryRun ? ['pack', packAll] : ['publish', () => runTool(['@changesets/cli', 'changeset'], ['publish'])],
];

await setup();
for (const [name, step] of steps) {
  process.stderr.write(`release: ${name}\n`);
  const status = await step();
  if (status !== 0) {
    process.stderr.write(`release: ${name} failed, nothing further was done\n`);
    process.exit(status);
  }
}
