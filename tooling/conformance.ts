/**
 * `npm run conformance -- --backend <name> [--filter text] [--verbose] [--json file]`: runs the conformance kit on one
 * backend. The last line counts the cases; `--json` also writes the report.
 *
 * A target is a module `packages/<package>/conformance/<name>.ts` whose default export says how to make the backend,
 * or hands over a report that was made elsewhere, e.g. in a browser page.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Backend } from '@vqkit/core';
import { type CaseResult, type ConformanceOptions, runConformance } from '@vqkit/core/testing';
import { root } from '../scripts/lib/run.mjs';
import { listPackages } from '../scripts/lib/workspace.mjs';
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
  | {
      readonly createBackend: () => Backend | Promise<Backend>;
      readonly options?: ConformanceOptions;
      /** The GPU it runs on, where there is one. */
      readonly adapter?: string;
    }
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
  const { createBackend, options, adapter } = outcome;
  if (adapter !== undefined) run.log(`adapter: ${adapter}`);
  const report = plainReport(await runConformance(createBackend, { ...options, filter: run.filter, onResult }));
  return adapter === undefined ? report : { ...report, adapter };
}

/** A report as lines: the failures, then the counts. */
export function reportLines({ backend, passed, failed, skipped, durationMs, failures }: PlainReport): string[] {
  const lines = failures.map(({ name, message }) => `FAILED ${name}\n  ${message}`);
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return [...lines, `backend ${backend}, ${(durationMs / 1000).toFixed(1)} s`, counts];
}

/** The backends that can be tested: name → module. */
function listTargets(): Map<string, string> {
  const folders = listPackages(root).map(({ folder }: { folder: string }) => join(folder, 'conformance'));
  const modules = folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => /^[a-z0-9-]+\.ts$/.test(file))
      .map((file): [string, string] => [file.slice(0, -'.ts'.length), join(folder, file)]),
  );
  return new Map(modules.sort());
}

/** Runs the command; resolves to the exit status. */
async function main(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { backend: text, filter: text, json: text, verbose: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args, options });
  const targets = listTargets();
  const module = targets.get(values.backend ?? '');
  if (module === undefined) {
    process.stderr.write(`usage: npm run conformance -- --backend <${[...targets.keys()].join(' | ')}>\n`);
    return 2;
  }
  const { default: target } = (await import(pathToFileURL(module).href)) as { default: ConformanceModule };
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const report = await runTarget(target, { filter: values.filter ?? '', log }, values.verbose);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  for (const line of reportLines(report)) log(line);
  if (report.passed + report.failed + report.skipped > 0) return report.failed > 0 ? 1 : 0;
  process.stderr.write('no case was run: does the filter match any?\n');
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const status = await main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    return 2;
  });
  // at once: engines may keep threads that would hold the process
  process.stdout.write('', () => process.exit(status));
}
