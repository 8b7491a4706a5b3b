/** The process in which the cases of the fuzzer run. */
import type { ChildTask } from './fuzz.ts';
import {
  type CaseKind,
  type CaseReport,
  type ChildReport,
  caseKinds,
  maxMemoryMb,
  noCase,
  perRound,
  problemOf,
} from './limits.ts';
import { createMakers } from './make-cases.ts';
import { forgetPeak, peakMb, residentMb } from './peak-memory.ts';
import { progressWriter } from './progress.ts';
import { createTargets } from './targets.ts';

const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);

/** Cases between two collections: what cases leave behind is charged to nobody. */
const casesPerCollection = 500;

async function work({ seed, done, endsAt, progressFile }: ChildTask): Promise<void> {
  const makers = createMakers(seed);
  const targets = await createTargets();
  const begin = progressWriter(progressFile, { ...done });
  const outcomes: Record<string, number> = {};
  let [slowest, largest] = [noCase, noCase];
  let toldAt = Date.now();
  let findings: CaseReport[] = [];

  /** Runs a case, and says how it ended and what memory it took above what was there. */
  const tried = async (kind: CaseKind, bytes: Uint8Array) => {
    const there = residentMb();
    forgetPeak();
    const before = process.cpuUsage();
    const ended: Pick<CaseReport, 'outcome' | 'untyped'> = await targets[kind](bytes).then(
      () => ({ outcome: 'ok' }),
      (error: unknown) => describe(error),
    );
    const { user, system } = process.cpuUsage(before);
    return { ...ended, seconds: (user + system) / 1e6, megabytes: Math.round(peakMb() - there) };
  };
  const one = async (kind: CaseKind): Promise<void> => {
    const index = begin(kind);
    const bytes = makers[kind](index);
    let result = await tried(kind, bytes);
    // Once more in a tidy house: what cases before it left behind may have been collected and taken again meanwhile, and
    // other programs may have had the caches.
    if (problemOf({ kind, index, ...result }) !== undefined || result.megabytes > maxMemoryMb / 3) {
      collect();
      const again = await tried(kind, bytes);
      result = { ...result, seconds: Math.min(result.seconds, again.seconds), megabytes: again.megabytes };
      collect();
    }
    const report: CaseReport = { kind, index, ...result };
    outcomes[`${kind} ${result.outcome}`] = (outcomes[`${kind} ${result.outcome}`] ?? 0) + 1;
    if (report.seconds > slowest.seconds) slowest = report;
    if (report.megabytes > largest.megabytes) largest = report;
    if (problemOf(report) !== undefined) findings.push(report);
    if (index % casesPerCollection === 0) collect();
    if (findings.length > 0 || Date.now() - toldAt > 1000) tell();
  };
  const tell = (): void => {
    process.send!({ outcomes, slowest, largest, findings } satisfies ChildReport);
    toldAt = Date.now();
    findings = [];
  };

  // The first cases compile code and fill caches.
  for (const kind of caseKinds) await targets[kind](makers[kind](0)).catch(() => undefined);
  collect();
  while (Date.now() < endsAt) {
    for (const kind of caseKinds) {
      for (let i = 0; i < perRound[kind] && Date.now() < endsAt; i++) await one(kind);
    }
  }
  tell();
}

function describe(error: unknown): { outcome: string; untyped?: string } {
  const { code, fix } = (error ?? {}) as { code?: unknown; fix?: unknown };
  if (typeof code === 'string' && typeof fix === 'string') return { outcome: code };
  return { outcome: 'untyped', untyped: error instanceof Error ? `${error.stack}` : String(error) };
}

process.once('message', (task: ChildTask) => {
  work(task).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
