/** The kit as tests of a runner such as vitest, whose functions arrive as arguments. */
import type { Backend } from '../backend/backend.ts';
import { conformanceCases } from './cases/index.ts';
import type { CaseContext } from './conformance-case.ts';
import { type ConformanceOptions, createContext, runCase } from './run-case.ts';
import { unknownSkipError, unknownSkips } from './run-conformance.ts';

/** What the kit uses of a test runner; vitest, jest and mocha fit. */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: ((name: string, run: () => Promise<void>) => unknown) & {
    readonly skip: (name: string, run: () => Promise<void>) => unknown;
  };
  /** Named differently by runners: `afterAll`, or mocha's `after`. */
  readonly afterAll: (run: () => Promise<void>) => unknown;
}

/** Options of `describeBackend`. */
export interface DescribeBackendOptions extends TestRunner, ConformanceOptions {}

/**
 * Defines one test per case.
 *
 * @param name  The backend's name, for the report.
 * @param createBackend  Called when the first test runs, and again by the cases that dispose of one.
 *
 * @example
 * import { afterAll, describe, it } from 'vitest';
 * describeBackend('webgpu', () => webgpu(), { describe, it, afterAll });
 */
export function describeBackend(
  name: string,
  createBackend: () => Backend | Promise<Backend>,
  options: DescribeBackendOptions,
): void {
  const { describe, it, afterAll, skip = {} } = options;
  let shared: Promise<CaseContext> | undefined;
  const context = (): Promise<CaseContext> => {
    shared ??= createContext(createBackend, options);
    return shared;
  };
  describe(`${name} conforms`, () => {
    afterAll(async () => {
      const { backend, reference } = await context();
      backend.dispose();
      reference.dispose();
    });
    it('skips only cases that exist', async () => {
      for (const unknown of unknownSkips(conformanceCases, skip)) throw unknownSkipError(unknown);
    });
    for (const entry of conformanceCases) {
      const reason = skip[entry.name];
      if (reason !== undefined) it.skip(`${entry.name} (skipped: ${reason})`, async () => {});
      else it(entry.name, async () => runCase(entry, await context(), options));
    }
  });
}
