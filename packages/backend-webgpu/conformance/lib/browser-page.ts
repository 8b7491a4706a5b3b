/** What the browser runs: the conformance kit on `navigator.gpu`. */
import { runConformance } from '@vqkit/core/testing';
import { type PlainReport, plainReport } from '../../../../tooling/plain-report.ts';
import { webgpu } from '../../src/index.ts';

/** What the page is asked. */
export interface BrowserRun {
  readonly filter: string;
}

/** What became of it: a report with the adapter's name, or why WebGPU does not start. */
export interface BrowserReport {
  readonly adapter: string;
  readonly report?: PlainReport;
}

/** Runs the kit. */
export default async function page({ filter }: BrowserRun): Promise<BrowserReport> {
  let adapter: string;
  try {
    const probe = await webgpu();
    adapter = `${probe.info.vendor} ${probe.info.architecture} ${probe.info.description}`;
    probe.dispose();
  } catch (error) {
    return { adapter: `does not start: ${error instanceof Error ? error.message : String(error)}` };
  }
  const report = await runConformance(() => webgpu(), {
    filter,
    timeoutMs: 300_000,
    onResult: ({ name, status }) => {
      if (status !== 'passed') console.log(`${status} ${name}`);
    },
  });
  return { adapter, report: plainReport(report) };
}
