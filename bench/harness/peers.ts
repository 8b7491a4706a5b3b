/**
 * Loads the libraries that benchmarks compare with. They live in `bench/peers`, outside the workspace, and are installed
 * on demand by `node scripts/install-peers.mjs`: nobody else needs them.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = new URL('../peers/', import.meta.url);
const manifest = fileURLToPath(new URL('package.json', folder));

/** A peer library is not installed: `PEER_MISSING`. */
export class PeerMissingError extends Error {
  readonly code = 'PEER_MISSING';
  readonly fix = 'Run: node scripts/install-peers.mjs';

  constructor(name: string, cause: unknown) {
    super(`${name} is not installed in bench/peers. Run: node scripts/install-peers.mjs`, { cause });
    this.name = 'PeerMissingError';
  }
}

/** The file of a peer's entry point, e.g. to hand it to a browser bundle. Throws `PeerMissingError`. */
function resolvePeer(name: string): string {
  try {
    // what the workspace has under this name, above the folder or by NODE_PATH, is no peer
    const [owner] = /^(@[^/]+\/)?[^/]+/.exec(name)!;
    if (!existsSync(new URL(`node_modules/${owner}`, folder))) throw new Error(`no ${owner} in ${manifest}`);
    return createRequire(manifest).resolve(name);
  } catch (cause) {
    throw new PeerMissingError(name, cause);
  }
}

/**
 * Imports a peer library.
 *
 * @param name  Package name, or a path in it, as its users would import it.
 * @returns Its exports; the caller states the type it relies on.
 * @throws PeerMissingError `PEER_MISSING` when it is not installed.
 */
export async function importPeer<Exports>(name: string): Promise<Exports> {
  return (await import(pathToFileURL(resolvePeer(name)).href)) as Exports;
}

/** Whether a peer is installed. */
export function hasPeer(name: string): boolean {
  try {
    resolvePeer(name);
    return true;
  } catch {
    return false;
  }
}
