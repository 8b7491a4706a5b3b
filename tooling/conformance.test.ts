/** The runner of the conformance kit, with targets that stand in for backends. */
import { cpu } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { type ConformanceTarget, reportLines, runTarget } from './conformance.ts';

const lines: string[] = [];
const run = { filter: '', log: (line: string): void => void lines.push(line) };

describe('runTarget', () => {
  it('runs the kit on a backend made here, only the cases that the filter names', async () => {
    const all = await runTarget((): ConformanceTarget => ({ createBackend: () => cpu() }), {
      ...run,
      filter: 'matmul',
    });
    expect(all).toMatchObject({ backend: 'cpu', failed: 0, failures: [] });
    expect(all.passed).toBeGreaterThan(0);
  });

  it('reports a backend that computes wrongly', async () => {
    const wrong = (): ConformanceTarget => ({
      createBackend: () => {
        const backend = cpu();
        const { run: runCall } = backend;
        backend.run = (call) =>
          runCall.call(backend, call.kernel === 'unary' ? { ...call, attributes: { op: 'neg' } } : call);
        return backend;
      },
    });
    const report = await runTarget(wrong, { ...run, filter: 'unary' });
    expect(report.failed).toBeGreaterThan(0);
    expect(report.failures[0]?.message.length).toBeGreaterThan(0);
  });

  it('counts a backend that is missing here as skipped and says why', async () => {
    const report = await runTarget(() => ({ skipped: 'not installed' }), run);
    expect(lines).toContain('skipped: not installed');
    expect(reportLines(report).at(-1)).toBe('0 passed, 0 failed, 1 skipped');
  });
});
