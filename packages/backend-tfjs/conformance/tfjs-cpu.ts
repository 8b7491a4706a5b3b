/** tfjs in plain JavaScript as a target of `npm run conformance -- --backend tfjs-cpu`. */
import type { ConformanceRun, ConformanceTarget } from '../../../tooling/conformance.ts';
import { tfjsCpu } from '../src/index.ts';
import { ensurePeers, importPeer } from './lib/peers.ts';

export default async function target({ log }: ConformanceRun): Promise<ConformanceTarget> {
  await ensurePeers();
  const createBackend = (): ReturnType<typeof tfjsCpu> => tfjsCpu({ load: importPeer });
  const probe = await createBackend();
  log(`device: ${probe.report().device}`);
  probe.dispose();
  return { createBackend };
}
