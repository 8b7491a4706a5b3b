import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { expectThat } from './assertions.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type CaseResult, runConformance } from './run-conformance.ts';

const cases: readonly ConformanceCase[] = [
  { name: 'sums: right', run: async () => {} },
  { name: 'sums: wrong', run: async () => expectThat(false, 'one is not two') },
  { name: 'sums: excused', run: async () => expectThat(false, 'never seen') },
];

describe('runConformance', () => {
  it('counts what passed, failed and was skipped, and keeps the reasons', async () => {
    const results: CaseResult[] = [];
    const report = await runConformance(() => cpu(), {
      cases,
      skip: { 'sums: excused': 'the engine cannot' },
      onResult: (result) => void results.push(result),
    });
    expect(report).toMatchObject({ backend: 'cpu', passed: 1, failed: 1, skipped: 1 });
    expect(report.failures[0]?.error?.message).toMatch(/one is not two/);
    expect(results.map(({ status }) => status)).toEqual(['passed', 'failed', 'skipped']);
    expect(results[2]?.reason).toBe('the engine cannot');
  });

  it('fails for a skipped name that no case has', async () => {
    const report = await runConformance(() => cpu(), { cases: cases.slice(0, 1), skip: { 'sums: gone': 'old' } });
    expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
    expect(report.failures[0]?.error?.message).toMatch(/'sums: gone'/);
  });

  it('runs only what the filter names, and stops when told to', async () => {
    const filtered = await runConformance(() => cpu(), { cases, filter: 'right' });
    expect(filtered).toMatchObject({ passed: 1, failed: 0 });
    const stopped = await runConformance(() => cpu(), { cases, signal: AbortSignal.abort() });
    expect(stopped).toMatchObject({ passed: 0, failed: 0 });
  });

  it('goes on after a case that throws something odd', async () => {
    const odd: ConformanceCase = { name: 'odd', run: () => Promise.reject('text') };
    const report = await runConformance(() => cpu(), { cases: [odd, cases[0]!] });
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(report.failures[0]?.error?.message).toBe('text');
  });

  it('passes on the error of a backend that cannot be made', async () => {
    await expect(runConformance(() => Promise.reject(new Error('no device')), { cases })).rejects.toThrow('no device');
  });

  it('widens tolerances on request', async () => {
    const scales: number[] = [];
    const look: ConformanceCase = { name: 'look', run: async ({ toleranceScale }) => void scales.push(toleranceScale) };
    await runConformance(() => cpu(), { cases: [look], toleranceScale: 8 });
    await runConformance(() => cpu(), { cases: [look] });
    expect(scales).toEqual([8, 1]);
  });
});
