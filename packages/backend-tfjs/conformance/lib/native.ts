/** The native runtimes, where they are installed: in `bench/peers`, or where Node finds them. */
import type { ConformanceTarget } from '../../../../tooling/conformance.ts';
import { type LoadOptions, type TfjsBackend, TfjsError } from '../../src/index.ts';
import { hasPeer, importPeer } from './peers.ts';

/** A target for a native runtime; a package that is missing counts as skipped, one that is broken as an error. */
export async function openNative(
  name: string,
  open: (options: LoadOptions) => Promise<TfjsBackend>,
  log: (line: string) => void,
): Promise<ConformanceTarget> {
  const createBackend = (): Promise<TfjsBackend> => open(hasPeer(name) ? { load: importPeer } : {});
  try {
    const probe = await createBackend();
    log(`device: ${probe.report().device}`);
    probe.dispose();
    return { createBackend };
  } catch (error) {
    if (error instanceof TfjsError && error.code === 'TFJS_NOT_INSTALLED') return { skipped: 'not installed' };
    throw error;
  }
}
