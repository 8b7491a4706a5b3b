/** What the browser runs: the conformance kit, every call through the engine. */
import { runConformance } from '@vqkit/core/testing';
import { type PlainReport, plainReport } from '../../../../tooling/plain-report.ts';
import { onnx } from '../../src/web.ts';

export default async function page({ filter }: { readonly filter: string }): Promise<PlainReport> {
  const createBackend = () => onnx({ hostWork: 0, threads: 1, wasmPaths: '/ort/' });
  return plainReport(await runConformance(createBackend, { filter }));
}
