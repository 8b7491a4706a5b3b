/**
 * What the conformance kit is made of: cases are data, a name and a function of a context. They know no test runner,
 * so the same list runs under vitest, in a browser page, or in a plain script.
 */
import type { Backend } from '../backend/backend.ts';

/** What a case gets. */
export interface CaseContext {
  /** The backend under test, shared by all cases. */
  readonly backend: Backend;
  /** The oracle: the reference CPU backend without overrides, so that composite ops run their defaults there. */
  readonly reference: Backend;
  /** Makes another backend of the kind under test, for the cases that dispose of one. */
  readonly createBackend: () => Backend | Promise<Backend>;
  /** Multiplies every tolerance; 1 unless the caller knows better. */
  readonly toleranceScale: number;
}

/** One thing that must hold for every backend. */
export interface ConformanceCase {
  /** `family: what it does`, unique within the kit. */
  readonly name: string;
  /** Resolves when it holds; rejects with a message that says what differs. */
  readonly run: (context: CaseContext) => Promise<void>;
}
