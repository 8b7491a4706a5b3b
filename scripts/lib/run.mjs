/**
 * Runs programs for the repository's scripts, the same way on Linux, macOS and Windows.
 *
 * Tools are started as JavaScript files with this very Node, so no shell and no `.cmd` wrapper is in between.
 * TypeScript runs from its sources through tsx, with the root `tsconfig.json` resolving `@vqkit/*` names to sources.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The environment of the tools we start: ours, without their reports home. */
export function toolEnvironment() {
  return { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}

/**
 * Runs a command to its end and returns its exit status; signals sent to us are passed on to it.
 *
 * @param {string} command  Program file, or a name on the PATH.
 * @param {readonly string[]} args  Arguments, passed as they are.
 * @param {import('node:child_process').SpawnOptions & { onLine?: (line: string) => void }} [options]  Over root folder, our
 *   environment and streams; `onLine` gets the lines of the standard output where that is a pipe.
 * @returns {Promise<number>} The exit status; 128 + n when signal n ended it, 127 when it could not start.
 */
export function run(command, args, { onLine, ...options } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: toolEnvironment(), ...options });
    if (onLine) createInterface({ input: child.stdout }).on('line', onLine);
    const pass = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, pass);
    const finish = (status) => {
      for (const signal of signals) process.off(signal, pass);
      done(status);
    };
    child.on('error', (error) => {
      process.stderr.write(`cannot start ${command}: ${error.message}\n`);
      finish(127);
    });
    child.on('close', (status, signal) => finish(status ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** The JavaScript file behind a tool that the root package installs, e.g. `toolFile('typescript', 'tsc')`. */
export function toolFile(packageName, bin = packageName) {
  const manifestFile = join(root, 'node_modules', packageName, 'package.json');
  const { bin: bins } = JSON.parse(readFileSync(manifestFile, 'utf8'));
  return join(dirname(manifestFile), typeof bins === 'string' ? bins : bins[bin]);
}

/** Runs a tool of the root package with Node; arguments as in `run`. */
export function runTool([packageName, bin], args, options = {}) {
  return run(process.execPath, [toolFile(packageName, bin), ...args], options);
}

/** The environment and Node options that run TypeScript sources: worker threads and child processes inherit both. */
export function typeScriptRuntime() {
  return {
    execArgv: ['--import', new URL('./typescript.mjs', import.meta.url).href],
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  };
}

/**
 * Runs a TypeScript file of the repository from its sources.
 *
 * @param {string} file  Path relative to the root, e.g. `packages/cli/src/bin.ts`.
 * @param {readonly string[]} args  Arguments of the program.
 * @param {import('node:child_process').SpawnOptions} [options]  As in `run`.
 */
export function runTypeScript(file, args, options = {}) {
  const { execArgv, env } = typeScriptRuntime();
  return run(process.execPath, [...execArgv, join(root, file), ...args], { env, ...options });
}
