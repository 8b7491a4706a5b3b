/** Runs one case: with a time limit, and with a look at the memory before and after. */
import type { Backend } from '../backend/backend.ts';
import { cpu } from '../cpu/cpu.ts';
import { ConformanceError } from './assertions.ts';
import { checkLeaks } from './check-leaks.ts';
import type { CaseContext, ConformanceCase } from './conformance-case.ts';
import { delegate } from './delegate.ts';

/** How a kit is run. */
export interface ConformanceOptions {
  /**
   * Cases that this backend is excused from: case name → reason. Skipped cases are counted, and a name that matches no
   * case fails, so that the list cannot outlive its reasons.
   */
  readonly skip?: Readonly<Record<string, string>>;
  /** Multiplies every tolerance, e.g. for engines that round to tf32. Default 1. */
  readonly toleranceScale?: number;
  /** Time limit of one case. Default 600,000. */
  readonly timeoutMs?: number;
}

/** The reference without its overrides: composite ops run their defaults. */
export function plainReference(): Backend {
  return delegate(cpu(), { name: 'reference', supports: () => false });
}

/** Prepares what cases need; the backend is made once, here. */
export async function createContext(
  createBackend: () => Backend | Promise<Backend>,
  { toleranceScale = 1 }: ConformanceOptions,
): Promise<CaseContext> {
  return { backend: await createBackend(), reference: plainReference(), createBackend, toleranceScale };
}

/** Runs a case; rejects when it fails, takes too long, or leaves values behind on either backend. */
export async function runCase(
  { name, run }: ConformanceCase,
  context: CaseContext,
  { timeoutMs = 600_000 }: ConformanceOptions = {},
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const error = new ConformanceError({
      code: 'TIMED_OUT',
      message: `${name}: expected an end within ${timeoutMs} ms`,
      fix: 'Check that every read resolves, also after a failure, or raise timeoutMs',
    });
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  const checked = checkLeaks(context.backend, () => checkLeaks(context.reference, () => run(context)));
  try {
    await Promise.race([checked, limit]);
  } finally {
    clearTimeout(timer);
  }
}
