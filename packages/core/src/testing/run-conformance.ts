/** The kit as a plain function: no test runner, so it works in scripts and browser pages alike. */
import type { Backend } from '../backend/backend.ts';
import { ConformanceError } from './assertions.ts';
import { conformanceCases } from './cases/index.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type ConformanceOptions, createContext, runCase } from './run-case.ts';

/** What became of one case. */
export interface CaseResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Why it failed. */
  readonly error?: Error;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** What became of all. */
export interface ConformanceReport {
  readonly backend: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly CaseResult[];
  readonly durationMs: number;
}

/** Options of `runConformance`. */
export interface RunConformanceOptions extends ConformanceOptions {
  /** Called after every case. */
  readonly onResult?: (result: CaseResult) => void;
  /** Runs only cases whose name contains this. */
  readonly filter?: string;
  /** Stops between two cases. */
  readonly signal?: AbortSignal;
  /** Other cases than the kit's, e.g. those of a package with kernels of its own. */
  readonly cases?: readonly ConformanceCase[];
}

/** Names in a skip list that no case has. */
export function unknownSkips(cases: readonly ConformanceCase[], skip: Readonly<Record<string, string>> = {}): string[] {
  const names = new Set(cases.map(({ name }) => name));
  return Object.keys(skip).filter((name) => !names.has(name));
}

/** The failure that a skip list with unknown names deserves. */
export function unknownSkipError(name: string): ConformanceError {
  return new ConformanceError({
    code: 'SKIP_UNKNOWN',
    message: `expected the name of a case in the skip list, got '${name}'`,
    fix: 'Remove it, or copy the name from the list of results',
  });
}

/**
 * Runs every case on a backend.
 *
 * @param createBackend  Called once for the shared backend, and again by the cases that dispose of one.
 * @returns Counts and failures; never rejects because of a case.
 * @throws Whatever `createBackend` throws at first.
 *
 * @example
 * const { passed, failed, failures } = await runConformance(() => webgpu());
 */
export async function runConformance(
  createBackend: () => Backend | Promise<Backend>,
  options: RunConformanceOptions = {},
): Promise<ConformanceReport> {
  const { onResult, filter = '', signal, skip = {}, cases = conformanceCases } = options;
  const start = performance.now();
  const context = await createContext(createBackend, options);
  const results: CaseResult[] = [];
  const report = (result: CaseResult): void => {
    results.push(result);
    onResult?.(result);
  };
  for (const name of unknownSkips(cases, skip)) {
    report({ name: `skip list: ${name}`, status: 'failed', durationMs: 0, error: unknownSkipError(name) });
  }
  for (const entry of cases) {
    if (signal?.aborted) break;
    const { name } = entry;
    if (!name.includes(filter)) continue;
    if (Object.hasOwn(skip, name)) report({ name, status: 'skipped', durationMs: 0, reason: skip[name]! });
    else report(await resultOf(entry, () => runCase(entry, context, options)));
  }
  const { name: backend } = context.backend;
  context.backend.dispose();
  context.reference.dispose();
  const count = (status: CaseResult['status']): number => results.filter((result) => result.status === status).length;
  return {
    backend,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    failures: results.filter(({ status }) => status === 'failed'),
    durationMs: performance.now() - start,
  };
}

async function resultOf({ name }: ConformanceCase, run: () => Promise<void>): Promise<CaseResult> {
  const start = performance.now();
  try {
    await run();
    return { name, status: 'passed', durationMs: performance.now() - start };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { name, status: 'failed', durationMs: performance.now() - start, error };
  }
}
