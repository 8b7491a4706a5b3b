/** The native runtimes, where they are installed: in `bench/peers`, or where Node finds them. */
import type { ConformanceTarget } from '../../../../tooling/conformance.ts';
import { type LoadOptions, type TfjsBackend, TfjsError } from '../../src/index.ts';
import { namespaceOf } from '../../src/load.ts';
import { differencesTable } from './differences.ts';
import { hasPeer, importPeer } from './peers.ts';
import { publishTable } from './readme-tables.ts';

/** A target for a native runtime; a package that is missing counts as skipped, one that is broken as an error. */
export async function openNative(
  name: string,
  open: (options: LoadOptions) => Promise<TfjsBackend>,
  log: (line: string) => void,
): Promise<ConformanceTarget> {
  const load = hasPeer(name) ? importPeer : (wanted: string): Promise<unknown> => import(wanted);
  const createBackend = (): Promise<TfjsBackend> => open({ load });
  try {
    const backend = await createBackend();
    const { device, runtime } = backend.report();
    log(`device: ${device}`);
    const tf = namespaceOf(await load(name));
    publishTable(runtime, await differencesTable(tf, runtime, backend), log);
    backend.dispose();
    return { createBackend };
  } catch (error) {
    if (error instanceof TfjsError && error.code === 'TFJS_NOT_INSTALLED') return { skipped: 'not installed' };
    throw error;
  }
}
