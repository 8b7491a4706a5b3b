/**
 * Finds the pinned pnpm, or has npm fetch it: a machine with Node alone has npm and nothing else.
 *
 * npm is started as a JavaScript file where that can be found; only the last resort, a bare `npm.cmd` on Windows,
 * needs a shell, and its arguments are then fixed words of ours.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root, run } from './run.mjs';

const isWindows = process.platform === 'win32';

/** The version after `pnpm@` in the root manifest's `packageManager`. */
export function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return packageManager.replace(/^pnpm@/, '');
}

/** How to start npm: `{ command, args, shell }`. */
export function npmCommand() {
  const fromNpm = process.env.npm_execpath;
  const nodeFolder = dirname(process.execPath);
  const candidates = [
    ...(fromNpm !== undefined && basename(fromNpm) === 'npm-cli.js' ? [fromNpm] : []),
    join(nodeFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file !== undefined) return { command: process.execPath, args: [file], shell: false };
  return { command: isWindows ? 'npm.cmd' : 'npm', args: [], shell: isWindows };
}

/** Whether `pnpm` on the PATH is the pinned version. */
function hasPinnedPnpm(version) {
  const probe = spawnSync('pnpm --version', { cwd: root, shell: true, encoding: 'utf8' });
  return probe.status === 0 && probe.stdout.trim() === version;
}

/**
 * Runs the pinned pnpm with the given arguments; the pnpm is then on the PATH of whatever it starts (turbo needs it).
 *
 * @param {readonly string[]} args  Arguments of pnpm: plain words, no spaces.
 * @param {import('node:child_process').SpawnOptions} [options]  As in `run`.
 * @returns {Promise<number>} The exit status.
 */
export function runPnpm(args, options = {}) {
  const version = pinnedPnpm();
  if (hasPinnedPnpm(version)) return run(isWindows ? 'pnpm.cmd' : 'pnpm', args, { shell: isWindows, ...options });
  const npm = npmCommand();
  const fetched = ['exec', '--yes', '--package', `pnpm@${version}`, '--', 'pnpm', ...args];
  return run(npm.command, [...npm.args, ...fetched], { shell: npm.shell, ...options });
}
