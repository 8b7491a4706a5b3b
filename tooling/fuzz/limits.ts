/** What the fuzzer counts, and what it allows. */

/** The kinds of cases: the bitstream alone, a whole decode with networks, weight and prior files. */
export const caseKinds = ['bitstream', 'decode', 'weights'] as const;

/** One of `caseKinds`. */
export type CaseKind = (typeof caseKinds)[number];

/** Cases of a round. */
export const perRound: Readonly<Record<CaseKind, number>> = { bitstream: 200, decode: 10, weights: 2 };

/** Most processor time of a case: other programs on the machine do not count. */
export const maxSeconds = 2;

/** Most memory above what the process had when everything was loaded. */
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
