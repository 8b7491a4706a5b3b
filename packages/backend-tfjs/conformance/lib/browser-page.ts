/** What the browser runs: the conformance kit on tfjs's runtimes, one after another. */

// tfjs is in bench/peers, where only the bundler looks for it. Bare imports are not looked up here at all.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
// @ts-expect-error
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
// @ts-expect-error
import * as tfjsCore from '@tensorflow/tfjs-core';
import { runConformance } from '@vqkit/core/testing';
import { type PlainReport, plainReport } from '../../../../tooling/plain-report.ts';
import { type TfNamespace, tfjs } from '../../src/index.ts';
import { differencesTable } from './differences.ts';
import { knownDifferences } from './known-differences.ts';

const tf = tfjsCore as TfNamespace;

/** What the page is asked. */
export interface BrowserRun {
  readonly runtimes: readonly string[];
  readonly filter: string;
  /** Where the `.wasm` files are served. */
  readonly wasmPath: string;
}

/** What became of one runtime: a report, or why it does not start. */
export interface RuntimeReport {
  readonly runtime: string;
  readonly device: string;
  readonly report?: PlainReport;
}

async function runRuntime(runtime: string, filter: string): Promise<RuntimeReport> {
  let device = 'unknown';
  try {
    const probe = await tfjs(tf, { runtime });
    device = probe.report().device;
    if (filter === '') for (const line of await differencesTable(tf, runtime, probe)) console.log(line);
    probe.dispose();
  } catch (error) {
    return { runtime, device: `does not start: ${error instanceof Error ? error.message : String(error)}` };
  }
  const skip = knownDifferences[runtime] ?? {};
  const options = {
    filter,
    skip,
    timeoutMs: 900_000,
    onResult: ({ name, status }: { name: string; status: string }) => {
      if (status !== 'passed') console.log(`${runtime}: ${status} ${name}`);
    },
  };
  return { runtime, device, report: plainReport(await runConformance(() => tfjs(tf, { runtime }), options)) };
}

/** Runs the kit on each runtime. */
export default async function page({ runtimes, filter, wasmPath }: BrowserRun): Promise<RuntimeReport[]> {
  setWasmPaths(wasmPath);
  const reports: RuntimeReport[] = [];
  for (const runtime of runtimes) reports.push(await runRuntime(runtime, filter));
  return reports;
}
