/** A Verdaccio on a free port of this machine, which takes our packages from anybody; others come from the configured registry. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { npmInvocation } from '../../scripts/lib/pnpm.mjs';

const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];

/** Runs npm and returns what it prints; its error carries that too. */
export async function npm(args, cwd) {
  const invocation = npmInvocation(args);
  const options = { cwd, shell: invocation.shell, maxBuffer: 2 ** 26 };
  return (await promisify(execFile)(invocation.command, invocation.args, options)).stdout;
}

/** Installs what the manifest in a folder asks for. @param args  More arguments of npm. */
export function install(folder, ...args) {
  return npm(['install', ...quiet, ...args], folder);
}

async function freePort() {
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

/**
 * Starts it in a new folder. `env` makes npm and pnpm publish to it, `scope` is the argument by which npm installs our
 * packages from it and all others as ever; `view` gives what it knows of a package.
 */
export async function startRegistry(folder) {
  mkdirSync(folder);
  cpSync(fileURLToPath(new URL('./package.json', import.meta.url)), join(folder, 'package.json'));
  await install(folder);
  const upstream = (await npm(['config', 'get', 'registry'], folder)).trim();
  const ours = { access: '$all', publish: '$all' };
  const config = {
    storage: './storage',
    uplinks: { upstream: { url: upstream, timeout: '10m', maxage: '1h' } },
    packages: { '@vqkit/*': ours, vqkit: ours, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'json', level: 'error' },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config)); // JSON is YAML
  const host = `127.0.0.1:${await freePort()}`;
  const args = [join(folder, 'node_modules/verdaccio/bin/verdaccio'), '--config', 'config.yaml', '--listen', host];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://${host}/`;
  const answers = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error('Verdaccio does not start');
    await setTimeout(200);
  }
  // npm publishes with a token only; this registry takes any
  const rc = join(folder, 'user.npmrc');
  writeFileSync(rc, `registry=${url}\n//${host}/:_authToken=anybody\n`);
  return {
    url,
    env: { npm_config_registry: url, npm_config_userconfig: rc, NPM_CONFIG_USERCONFIG: rc },
    scope: `--@vqkit:registry=${url}`,
    view: async (name) => (await fetch(url + name.replace('/', '%2f'))).json(),
    stop: () => child.kill(),
  };
}
