/**
 * Finds tfjs in `bench/peers`, where the benchmarks install it: it is an optional peer of this package, and no part of
 * the workspace. Conformance runs install it on demand; tests skip without it.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = new URL('../../../../', import.meta.url);
const require = createRequire(new URL('bench/peers/package.json', root));

/** Whether a package is installed there. */
export function hasPeer(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Installs the peers unless they are there. Throws when that fails. */
export async function ensurePeers(): Promise<void> {
  if (hasPeer('@tensorflow/tfjs-core')) return;
  process.stderr.write('installing bench/peers …\n');
  const script = fileURLToPath(new URL('scripts/install-peers.mjs', root));
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('bench/peers could not be installed. Run: node scripts/install-peers.mjs');
}

/** The file of an installed package's entry point. */
export function peerFile(name: string): string {
  return require.resolve(name);
}

/** Imports an installed package, as `LoadOptions.load` does. */
export async function importPeer(name: string): Promise<unknown> {
  return import(pathToFileURL(peerFile(name)).href);
}

/** The folder of an installed package. */
export function peerFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}
