/**
 * Finds the pinned pnpm, or has npm fetch it: a machine with Node alone has npm and nothing else.
 *
 * npm is started as a JavaScript file where that can be found; only `.cmd` wrappers on Windows need a shell, and their
 * arguments are then words of ours without spaces.
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

/**
 * How to start npm with the given arguments.
 *
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function npmInvocation(args) {
  const fromNpm = process.env.npm_execpath;
  const nodeFolder = dirname(process.execPath);
  const candidates = [
    ...(fromNpm !== undefined && basename(fromNpm) === 'npm-cli.js' ? [fromNpm] : []),
    join(nodeFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file !== undefined) return { command: process.execPath, args: [file, ...args], shell: false };
  return { command: isWindows ? 'npm.cmd' : 'npm', args: [...args], shell: isWindows };
}

/** Whether `pnpm` on the PATH is the pinned version. */
function hasPinnedPnpm(version) {
  const probe = spawnSync('pnpm --version', { cwd: root, shell: true, encoding: 'utf8' });
  return probe.status === 0 && probe.stdout.trim() === version;
}

/**
 * How to start the pinned pnpm; it is then on the PATH of whatever it starts, which turbo needs.
 *
 * @param {readonly string[]} args  Arguments of pnpm: plain words, no spaces.
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
export function pnpmInvocation(args) {
  const version = pinnedPnpm();
  if (hasPinnedPnpm(version)) return { command: isWindows ? 'pnpm.cmd' : 'pnpm', args: [...args], shell: isWindows };
  return npmInvocation(['exec', '--yes', '--package', `pnpm@${version}`, '--', 'pnpm', ...args]);
}

/**
 * Runs the pinned pnpm.
 *
 * @param {readonly string[]} args  As in `pnpmInvocation`.
 * @param {import('node:child_process').SpawnOptions} [options]  As in `run`.
 * @returns {Promise<number>} The exit status.
 */
export function runPnpm(args, options = {}) {
  const invocation = pnpmInvocation(args);
  return run(invocation.command, invocation.args, { shell: invocation.shell, ...options });
}
