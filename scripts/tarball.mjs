/**
 * `node <path to this file>` in the folder of a published package: packs it as for the registry, and looks at what users
 * would get (publint, attw). `turbo run tarball` does it for all packages that changed, after their build.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runPnpm } from './lib/pnpm.mjs';
import { runTool } from './lib/run.mjs';
import { posixRelative } from './lib/workspace.mjs';

/** What looks at a tarball: name → its exit status. Types for `import` alone are looked at, since nothing is CommonJS. */
const tools = {
  publint: (file) => runTool(['publint'], ['--strict', file]),
  attw: (file) => runTool(['@arethetypeswrong/cli', 'attw'], [file, '--quiet', '--profile', 'esm-only']),
};

/**
 * Packs a package into a folder; what it is made of must be built.
 *
 * @param {string} folder  Of the package.
 * @param {string} destination  A folder that exists.
 * @returns {Promise<number>} The exit status of pnpm.
 */
export function packInto(folder, destination) {
  // relative, so that no space of this machine's paths gets into the arguments
  const args = ['pack', '--pack-destination', posixRelative(folder, destination)];
  return runPnpm(args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Packs a package into a temporary folder and looks at the tarball.
 *
 * @param {string} folder  Of the package.
 * @returns {Promise<string[]>} What failed: `pack`, `publint`, `attw`.
 */
export async function lookAtTarball(folder) {
  const temporary = mkdtempSync(join(tmpdir(), 'vqkit-tarball-'));
  try {
    if ((await packInto(folder, temporary)) !== 0) return ['pack'];
    const [name] = readdirSync(temporary);
    const failed = [];
    for (const [tool, look] of Object.entries(tools)) if ((await look(join(temporary, name))) !== 0) failed.push(tool);
    return failed;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const failed = await lookAtTarball(process.cwd());
  if (failed.length > 0) process.stderr.write(`the tarball of ${process.cwd()}: ${failed.join(' and ')} failed\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
