/**
 * Makes a fresh clone ready: checks Node, fetches the pinned pnpm if need be, installs exactly what the lockfile says.
 *
 * Every root script calls `setup` first. When nothing changed since the last installation it only compares a stamp.
 * All its output goes to standard error, so that scripts with machine-readable output stay clean.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runPnpm } from './lib/pnpm.mjs';
import { root } from './lib/run.mjs';

const stampFile = join(root, 'node_modules', '.vqkit-setup');

/** Whether a Node version, e.g. `v20.20.2`, is one we run on: ^20.19 or >=22.12. */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}

/** A digest of all that decides what is installed: lockfile, workspace settings, platform and Node's major version. */
export function installationDigest() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  hash.update(`${process.platform} ${process.arch} ${process.version.split('.')[0]}`);
  return hash.digest('hex');
}

/** Whether `node_modules` already is what the lockfile asks for. */
export function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === installationDigest();
}

/**
 * Brings `node_modules` up to date with the lockfile; does nothing when it is. Ends the process with a message when
 * Node is too old or the installation fails.
 */
export async function setup() {
  if (!isSupportedNode(process.version)) {
    process.stderr.write(
      `vqkit needs Node 20.19 or newer (22.12 or newer of the 22 line); this is ${process.version}.\n`,
    );
    process.stderr.write('Install a current Node from https://nodejs.org and run the command again.\n');
    process.exit(1);
  }
  if (isInstalled()) return;
  process.stderr.write('Setting up vqkit: installing the packages of pnpm-lock.yaml …\n');
  const install = ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false'];
  // 2: the installer's progress belongs on standard error
  const status = await runPnpm(install, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    process.stderr.write('Setup failed: the installation above did not end well. Is the npm registry reachable?\n');
    process.exit(status);
  }
  writeFileSync(stampFile, installationDigest());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await setup();
