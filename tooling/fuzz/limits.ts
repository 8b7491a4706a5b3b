/** What the fuzzer counts, and what it allows. */

/** The kinds of cases: the bitstream alone, a whole decode with networks, weight and prior files. */
export const caseKinds = ['bitstream', 'decode', 'weights'] as const;

/** One of `caseKinds`. */
export type CaseKind = (typeof caseKinds)[number];

/** Cases of a round. */
export const perRound: Readonly<Record<CaseKind, number>> = { bitstream: 200, decode: 10, weights: 2 };

/** Most processor time of a case: other programs on the machine do not count. */
const maxSeconds = 2;

/** Most memory above what the process had before the case. */
export const maxMemoryMb = 300;

/** How a case ended. */
export interface CaseReport {
  readonly kind: CaseKind;
  readonly index: number;
  /** A code, or `ok`. */
  readonly outcome: string;
  readonly seconds: number;
  readonly megabytes: number;
  /** An error without code and fix. */
  readonly untyped?: string;
}

/** What a child has to tell now and then. */
export interface ChildReport {
  /** How many cases ended how, since it started. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The worst of them. */
  readonly slowest: CaseReport;
  readonly largest: CaseReport;
  /** Cases that break a rule, since the last report. */
  readonly findings: readonly CaseReport[];
}

/** What is worse than nothing. */
export const noCase: CaseReport = { kind: 'bitstream', index: 0, outcome: 'none', seconds: 0, megabytes: 0 };

/** The rule that a case breaks. */
export function problemOf({ untyped, seconds, megabytes }: CaseReport): string | undefined {
  if (untyped !== undefined) return `untyped error: ${untyped}`;
  if (seconds > maxSeconds) return `${seconds.toFixed(1)} s`;
  if (megabytes > maxMemoryMb) return `${megabytes} MB above the start`;
  return undefined;
}
