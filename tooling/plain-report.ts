/** A conformance report as plain data, so that it can leave a browser page. Runs anywhere. */
import type { ConformanceReport } from '@vqkit/core/testing';

/** Counts of a run, and what failed, as JSON-like data. */
export interface PlainReport {
  readonly backend: string;
  /** The GPU it ran on, where there is one. */
  readonly adapter?: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

/** Turns the errors of a report into their messages. */
export function plainReport({ failures, ...counts }: ConformanceReport): PlainReport {
  return { ...counts, failures: failures.map(({ name, error }) => ({ name, message: error?.message ?? 'failed' })) };
}
