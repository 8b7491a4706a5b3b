/**
 * Times candidates side by side: in every round each candidate runs once, in rotating order, so that a machine that
 * slows down or speeds up in between touches all of them alike. Ratios come from one run, never from two.
 */
import { setTimeout } from 'node:timers/promises';
import { median, quantile } from './statistics.ts';

/** One of the things that are compared. */
export interface Candidate {
  readonly name: string;
  /** Does the work once and resolves when its result is really there (read back, not only queued). */
  readonly run: () => unknown;
}

/** Options of `measureInterleaved`. */
export interface MeasureOptions {
  /** Samples of each candidate. Default 15. */
  readonly rounds?: number;
  /** Untimed runs of each candidate before the first sample. Default 3. */
  readonly warmUp?: number;
  /** A sample repeats short work until it lasts about this long, in milliseconds; 0 for work that is long. Default 20. */
  readonly minSampleMs?: number;
  /**
   * Before every sample, rest so many milliseconds and then run once untimed. For candidates with threads of their own:
   * these go on looking for work for a while, on the cores that the next candidate needs. Default 0: neither.
   */
  readonly settleMs?: number;
  /** The clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** How long one run of a candidate took. */
export interface Timing {
  readonly name: string;
  /** Median over the samples, milliseconds for one run. */
  readonly medianMs: number;
  /** Fastest sample, milliseconds for one run. */
  readonly minMs: number;
  /** Distance between the 10th and the 90th percentile as a share of the median. */
  readonly spread: number;
  /** Samples taken. */
  readonly samples: number;
  /** All of them, milliseconds for one run, round by round. */
  readonly timesMs: readonly number[];
}

/**
 * How many times as fast `other` is as `base`: the median over rounds of base / other. Both ran in every round, one soon
 * after the other, so what slows a machine down for a while falls out.
 */
export function pairedSpeed(base: Timing, other: Timing): number {
  return median(base.timesMs.map((time, round) => time / other.timesMs[round]!));
}

/**
 * Measures all candidates in one interleaved run.
 *
 * @returns One timing for each candidate, in their order.
 * @throws Whatever a candidate throws.
 */
export async function measureInterleaved(
  candidates: readonly Candidate[],
  { rounds = 15, warmUp = 3, minSampleMs = 20, settleMs = 0, now = () => performance.now() }: MeasureOptions = {},
): Promise<Timing[]> {
  const entries = candidates.map((candidate) => ({ candidate, repeats: 1, samples: [] as number[] }));
  for (const entry of entries) {
    for (let i = 0; i < warmUp; i += 1) await entry.candidate.run();
    if (minSampleMs === 0) continue;
    const once = await timeOnce(entry.candidate, 1, now);
    // 1e-3: a clock that shows no time at all must not ask for endless repeats
    entry.repeats = Math.max(1, Math.ceil(minSampleMs / Math.max(once, 1e-3)));
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[(i + round) % entries.length]!;
      if (settleMs > 0) {
        await setTimeout(settleMs);
        await entry.candidate.run();
      }
      entry.samples.push(await timeOnce(entry.candidate, entry.repeats, now));
    }
  }
  return entries.map(({ candidate, samples }) => {
    const medianMs = median(samples);
    const spread = (quantile(samples, 0.9) - quantile(samples, 0.1)) / medianMs;
    const minMs = Math.min(...samples);
    return { name: candidate.name, medianMs, minMs, spread, samples: samples.length, timesMs: samples };
  });
}

/** Milliseconds for one run, averaged over a number of repeats. */
async function timeOnce(candidate: Candidate, repeats: number, now: () => number): Promise<number> {
  const start = now();
  for (let i = 0; i < repeats; i += 1) await candidate.run();
  return (now() - start) / repeats;
}
