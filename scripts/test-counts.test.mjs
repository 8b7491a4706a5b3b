/** The line of counts, from reports in vitest's JSON form. */
import { describe, expect, it } from 'vitest';
import { countsLine, sumCounts } from './test-counts.mjs';

const file = (status, ...statuses) => ({ status, assertionResults: statuses.map((one) => ({ status: one })) });

describe('sumCounts', () => {
  it('adds up passed, failed and skipped tests over all files', () => {
    const report = { testResults: [file('passed', 'passed', 'skipped', 'todo'), file('failed', 'failed', 'passed')] };
    expect(countsLine(sumCounts(report))).toBe('2 passed, 1 failed, 2 skipped');
  });

  it('counts a file that could not run as one failure', () => {
    expect(sumCounts({ testResults: [file('failed')] })).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
