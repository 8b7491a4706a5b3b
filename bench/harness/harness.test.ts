/** The benchmarks' own tools, with a clock that the tests turn. */
import { describe, expect, it } from 'vitest';
import { describeMachine } from './machine.ts';
import { measureInterleaved, pairedSpeed } from './measure.ts';
import { medianReport } from './median-report.ts';
import { hasPeer, importPeer, PeerMissingError } from './peers.ts';
import { formatReport, formatTable } from './report.ts';
import { geometricMean, median, quantile } from './statistics.ts';

describe('statistics', () => {
  it('takes medians and quantiles of unsorted samples', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10, 20, 30], 0.1)).toBeCloseTo(3, 12);
    expect(() => median([])).toThrow(RangeError);
  });

  it('means ratios so that twice as fast and half as fast cancel', () => {
    expect(geometricMean([2, 0.5, 1])).toBeCloseTo(1, 12);
  });
});

describe('measureInterleaved', () => {
  it('takes turns, warms up first, and repeats short work within a sample', async () => {
    let clock = 0;
    const order: string[] = [];
    const work = (name: string, ms: number) => ({
      name,
      run: () => {
        order.push(name);
        clock += ms;
      },
    });
    const options = { rounds: 4, warmUp: 2, minSampleMs: 10, now: () => clock };
    const timings = await measureInterleaved([work('slow', 20), work('fast', 5)], options);
    expect(timings.map(({ name, medianMs, samples }) => [name, medianMs, samples])).toEqual([
      ['slow', 20, 4],
      ['fast', 5, 4],
    ]);
    const turns = order.slice(6); // after 2 warm-up runs and 1 calibration of each
    expect(turns.join(' ')).toBe('slow fast fast fast fast slow slow fast fast fast fast slow');
  });

  it('compares candidates round by round', async () => {
    let clock = 0;
    let round = 0;
    const options = { rounds: 5, warmUp: 0, minSampleMs: 0, now: () => clock };
    // The machine slows down more and more, and one sample is an outlier.
    const run = (ms: number) => (): void => {
      round += 1;
      clock += ms * round + (round === 7 ? 1000 : 0);
    };
    const [base, other] = await measureInterleaved(
      [
        { name: 'base', run: run(20) },
        { name: 'other', run: run(10) },
      ],
      options,
    );
    expect(base!.timesMs).toHaveLength(5);
    expect(pairedSpeed(base!, other!)).toBeGreaterThan(1.5);
    expect(pairedSpeed(base!, other!)).toBeLessThan(2.5);
  });

  it('rests and runs once before a sample where asked to', async () => {
    let runs = 0;
    const options = { rounds: 2, warmUp: 0, minSampleMs: 1e-9, settleMs: 1 };
    const run = (): void => {
      runs += 1;
    };
    const [timing] = await measureInterleaved([{ name: 'rested', run }], options);
    expect(timing!.samples).toBe(2);
    expect(runs).toBe(5); // one for calibration, two for each round
  });

  it('shows the spread of uneven samples', async () => {
    let clock = 0;
    const durations = [10, 10, 20, 10, 10];
    const run = (): void => {
      clock += durations.shift() ?? 10;
    };
    const options = { rounds: 3, warmUp: 1, minSampleMs: 1, now: () => clock };
    const [timing] = await measureInterleaved([{ name: 'uneven', run }], options);
    expect(timing!.medianMs).toBe(10);
    expect(timing!.spread).toBeCloseTo(0.8, 12); // samples 20, 10, 10: percentiles 10 and 18 around 10
  });
});

describe('reports', () => {
  it('lay numbers out to the right under their names', () => {
    expect(
      formatTable([
        { name: 'conv', ms: 1.23456 },
        { name: 'matmul', ms: 12, note: 'ok' },
      ]),
    ).toBe(['name       ms  note', 'conv    1.235', 'matmul     12  ok'].join('\n'));
    expect(formatTable([])).toBe('');
  });

  it('name the machine', () => {
    const text = formatReport({ machine: describeMachine(), items: [{ name: 'a', ms: 1 }], summary: { ratio: 0.5 } });
    expect(text).toContain(process.version);
    expect(text.endsWith('ratio: 0.5')).toBe(true);
  });
});

describe('importPeer', () => {
  it('finds what lies in the folder of peers, not what the workspace has under that name', async () => {
    // installed at the root, above that folder
    for (const name of ['vitest', '@biomejs/biome']) {
      expect(hasPeer(name)).toBe(false);
      await expect(importPeer(name)).rejects.toMatchObject({ code: 'PEER_MISSING' });
    }
  });

  it('says how to install a peer that is missing', async () => {
    const failure = await importPeer('no-such-peer').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PeerMissingError);
    expect((failure as Error).message).toContain('node scripts/install-peers.mjs');
  });
});

describe('medianReport', () => {
  it('takes the median of every number over the reports', () => {
    const machine = describeMachine();
    const report = (ms: number, ratio: number | null) => ({
      machine,
      items: [{ name: 'conv', layout: 'nhwc', medianMs: ms }],
      summary: { ratio, threads: 2 },
    });
    expect(medianReport([report(5, 1), report(1, 3), report(3, 2)])).toEqual(report(3, 2));
    expect(medianReport([report(5, null), report(1, null), report(3, null)])).toEqual(report(3, null));
  });
});
