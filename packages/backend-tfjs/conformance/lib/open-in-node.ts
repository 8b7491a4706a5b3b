/** The runtimes that Node has without anything native. */
import type { ConformanceTarget } from '../../../../tooling/conformance.ts';
import { tfjs } from '../../src/index.ts';
import { differencesTable } from './differences.ts';
import { ensurePeers } from './peers.ts';
import { publishTable } from './readme-tables.ts';
import { importTfjs } from './with-tfjs.ts';

/** A target for `cpu` or `wasm`; prints the device and the table of differences first. */
export async function openInNode(runtime: string, log: (line: string) => void): Promise<ConformanceTarget> {
  await ensurePeers();
  const tf = await importTfjs();
  const backend = await tfjs(tf, { runtime });
  log(`device: ${backend.report().device}`);
  publishTable(runtime, await differencesTable(tf, runtime, backend), log);
  backend.dispose();
  return { createBackend: () => tfjs(tf, { runtime }) };
}
