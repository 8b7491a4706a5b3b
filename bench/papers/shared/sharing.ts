/**
 * How the slots of a position share one codebook: what share of the codes each slot uses, and how many slots use each code.
 * A slot is one index of a position: a piece, or of an enlarged map a piece at one of β² places.
 *
 * @see Li, Wong & Han 2026, arXiv:2601.00222, figures 7 and 8
 */
import type { CodeCounter } from '@vqkit/metrics';

/** Who uses what, over a test set. */
export interface CodeSharing {
  /** How many of the K codes occur in each of the S slots. */
  readonly usedBySlot: readonly number[];
  /** How many codes occur in exactly n slots, for n of 0 … S. */
  readonly codesBySlots: readonly number[];
}

/** The same in numbers for sentences. */
export interface SharingSummary {
  readonly codes: number;
  readonly slots: number;
  /** Slots in which more than nine tenths of the codes occur. */
  readonly fullSlots: number;
  /** Share of the codes that the slot which uses the fewest uses, 0 … 1. */
  readonly leastUsage: number;
  /** Codes that occur nowhere. */
  readonly unused: number;
  /** Every code occurs in at least so many slots. */
  readonly leastSlots: number;
  /** More than half of the codes occur in at least so many slots: the largest such number. */
  readonly mostSlots: number;
}

/** @param counters  How often each code of the shared book occurred, one per slot; at least one. */
export function sharingOf(counters: readonly CodeCounter[]): CodeSharing {
  const used = counters.map(({ counts }) => counts.reduce((total, count) => total + Number(count > 0), 0));
  const slotsOf = Array.from(
    counters[0]!.counts,
    (_, code) => counters.filter(({ counts }) => counts[code]! > 0).length,
  );
  const codesBySlots = new Array<number>(counters.length + 1).fill(0);
  for (const slots of slotsOf) codesBySlots[slots]!++;
  return { usedBySlot: used, codesBySlots };
}

/** What stands in the pictures, in a few numbers. */
export function summaryOf({ usedBySlot, codesBySlots }: CodeSharing): SharingSummary {
  const codes = codesBySlots.reduce((total, n) => total + n, 0);
  const slots = usedBySlot.length;
  let [mostSlots, usedSoFar] = [slots, codesBySlots[slots]!];
  while (2 * usedSoFar <= codes) usedSoFar += codesBySlots[--mostSlots]!;
  return {
    codes,
    slots,
    // In whole numbers: 0.9·K has no exact value.
    fullSlots: usedBySlot.filter((used) => 10 * used > 9 * codes).length,
    leastUsage: Math.min(...usedBySlot) / codes,
    unused: codesBySlots[0]!,
    leastSlots: codesBySlots.findIndex((n) => n > 0),
    mostSlots,
  };
}

/**
 * A sentence without its subject.
 *
 * @param slot  What a slot is called: `piece`, `slot`.
 */
export function sharingInWords(sharing: CodeSharing, slot = 'slot'): string {
  const { codes, slots, fullSlots, leastUsage, unused, leastSlots, mostSlots } = summaryOf(sharing);
  if (leastUsage === 1) return `each of the ${slots} ${slot}s uses each of the ${codes} codes`;
  const missing = slots - fullSlots;
  const who =
    missing === 0
      ? `all ${slots}`
      : fullSlots > missing
        ? `all but ${missing} of ${slots}`
        : `${fullSlots} of ${slots}`;
  const every =
    unused > 0
      ? `${unused} of the codes are used by none`
      : `every code is used by at least ${leastSlots} of the ${slots} ${slot}s`;
  const most = mostSlots === slots ? `, most by all ${slots}` : mostSlots > 0 ? `, most by ${mostSlots} or more` : '';
  return (
    `${who} ${slot}s use more than 90 % of the ${codes} codes, the least of them ${(100 * leastUsage).toFixed(1)} %; ` +
    `${every}${most}`
  );
}
