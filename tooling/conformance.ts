/**
 * Runs the conformance kit for `npm run conformance`: arguments are the module of a target and `--filter text` or
 * `--verbose`. The last line counts the cases.
 *
 * A target is a module `packages/<package>/conformance/<name>.ts` whose default export says how to make the backend,
 * or hands over a report that was made elsewhere, e.g. in a browser page.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Backend } from '@vqkit/core';
import { type CaseResult, type ConformanceOptions, runConformance } from '@vqkit/core/testing';
import { type PlainReport, plainReport } from './plain-report.ts';

/** What a target is given. */
export interface ConformanceRun {
  /** Only cases whose name contains this are asked for; empty for all. */
  readonly filter: string;
  /** Tells people how far it is. */
  readonly log: (line: string) => void;
}

/** How a backend is tested: here, elsewhere, or not at all on this machine. */
export type ConformanceTarget =
  | { readonly createBackend: () => Backend | Promise<Backend>; readonly options?: ConformanceOptions }
  | { readonly report: PlainReport }
  | { readonly skipped: string };

/** The default export of a target's module. */
export type ConformanceModule = (run: ConformanceRun) => ConformanceTarget | Promise<ConformanceTarget>;

/** Runs a target and returns its report; a backend that is missing on this machine counts as one skipped case. */
export async function runTarget(
  target: ConformanceModule,
  run: ConformanceRun,
  isVerbose = false,
): Promise<PlainReport> {
  const outcome = await target(run);
  if ('report' in outcome) return outcome.report;
  if ('skipped' in outcome) {
    run.log(`skipped: ${outcome.skipped}`);
    return { backend: 'none', passed: 0, failed: 0, skipped: 1, durationMs: 0, failures: [] };
  }
  const onResult = ({ name, status, durationMs, reason }: CaseResult): void => {
    const note = reason === undefined ? '' : ` (${reason})`;
    if (isVerbose || status === 'skipped') run.log(`${status} ${name} ${Math.round(durationMs)} ms${note}`);
  };
  const { createBackend, options } = outcome;
  return plainReport(await runConformance(createBackend, { ...options, filter: run.filter, onResult }));
}

/** A report as lines: the failures, then the counts. */
export function reportLines({ backend, passed, failed, skipped, durationMs, failures }: PlainReport): string[] {
  const lines = failures.map(({ name, message }) => `FAILED ${name}\n  ${message}`);
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return [...lines, `backend ${backend}, ${(durationMs / 1000).toFixed(1)} s`, counts];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [module = '', ...args] = process.argv.slice(2);
  const filter = args.includes('--filter') ? (args[args.indexOf('--filter') + 1] ?? '') : '';
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { default: target } = (await import(pathToFileURL(join(root, module)).href)) as { default: ConformanceModule };
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const report = await runTarget(target, { filter, log }, args.includes('--verbose'));
  for (const line of reportLines(report)) log(line);
  const isEmpty = report.passed + report.failed + report.skipped === 0;
  if (isEmpty) process.stderr.write('no case was run: does the filter match any?\n');
  // at once: engines may keep threads that would hold the process
  process.stdout.write('', () => process.exit(report.failed > 0 || isEmpty ? 1 : 0));
}
