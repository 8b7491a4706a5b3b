/** What the browser runs: the conformance kit on tfjs's runtimes, one after another. */

// tfjs is in bench/peers, where only the bundler looks for it. Bare imports are not looked up here at all.
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
// @ts-expect-error
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
// @ts-expect-error
import * as tfjsCore from '@tensorflow/tfjs-core';
import { type CaseResult, runConformance } from '@vqkit/core/testing';
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
  /** The table of differences, when all cases are run. */
  readonly differences?: readonly string[];
}

/** A software GPU on a busy machine needs minutes for what a GPU does at once. */
const caseTimeoutMs = 900_000;

/** Prints what did not pass at once, and every ten seconds how far it is: a long run must not look like one that hangs. */
function progressOf(runtime: string): (result: CaseResult) => void {
  const start = performance.now();
  let [count, shown] = [0, start];
  return ({ name, status, durationMs }) => {
    count++;
    const now = performance.now();
    const seconds = Math.round((now - start) / 1000);
    if (status !== 'passed') console.log(`${runtime}: ${status} ${name}`);
    if (now - shown < 10_000) return;
    shown = now;
    console.log(`${runtime}: ${count} cases in ${seconds} s; the last one, ${Math.round(durationMs)} ms: ${name}`);
  };
}

async function runRuntime(runtime: string, filter: string): Promise<RuntimeReport> {
  let device = 'unknown';
  let differences: readonly string[] | undefined;
  try {
    const probe = await tfjs(tf, { runtime });
    device = probe.report().device;
    if (filter === '') differences = await differencesTable(tf, runtime, probe);
    probe.dispose();
  } catch (error) {
    return { runtime, device: `does not start: ${error instanceof Error ? error.message : String(error)}` };
  }
  const skip = knownDifferences[runtime] ?? {};
  const options = { filter, skip, timeoutMs: caseTimeoutMs, onResult: progressOf(runtime) };
  const report = plainReport(await runConformance(() => tfjs(tf, { runtime }), options));
  return { runtime, device, report, ...(differences && { differences }) };
}

/** Runs the kit on each runtime. */
export default async function page({ runtimes, filter, wasmPath }: BrowserRun): Promise<RuntimeReport[]> {
  setWasmPaths(wasmPath);
  const reports: RuntimeReport[] = [];
  for (const runtime of runtimes) reports.push(await runRuntime(runtime, filter));
  return reports;
}
