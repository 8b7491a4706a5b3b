/** The process in which the cases of the fuzzer run. */
import { writeFileSync } from 'node:fs';
import type { ChildTask } from './fuzz.ts';
import { type CaseKind, type CaseReport, caseKinds, maxMemoryMb, perRound } from './limits.ts';
import { createMakers } from './make-cases.ts';
import { createTargets } from './targets.ts';

const megabyte = 2 ** 20;
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const peakMb = (): number => process.resourceUsage().maxRSS / 1024;

async function work({ seed, done, endsAt, runningFile }: ChildTask): Promise<void> {
  const makers = createMakers(seed);
  const targets = await createTargets();
  const counts = { ...done };
  collect();
  let base = process.memoryUsage().rss / megabyte;
  let peak = peakMb();

  const one = async (kind: CaseKind): Promise<void> => {
    const index = counts[kind]++;
    const bytes = makers[kind](index);
    writeFileSync(runningFile, bytes);
    process.send!({ started: { kind, index } });
    const before = process.cpuUsage();
    const report: { outcome: string; untyped?: string } = await targets[kind](bytes).then(
      () => ({ outcome: 'ok' }),
      (error: unknown) => describe(error),
    );
    const { user, system } = process.cpuUsage(before);
    // The peak of the process only ever rises: a case is charged with what it added.
    const grown = peakMb();
    let megabytes = grown > peak ? Math.round(grown - base) : 0;
    if (megabytes > maxMemoryMb) {
      // What cases before it left behind may be in that: once more, above what is there after a collection.
      collect();
      const there = process.memoryUsage().rss / megabyte;
      await targets[kind](bytes).catch(() => undefined);
      megabytes = Math.round(peakMb() - there);
    }
    peak = peakMb();
    process.send!({
      report: { kind, index, seconds: (user + system) / 1e6, megabytes, ...report } satisfies CaseReport,
    });
    if (grown - base > maxMemoryMb / 2 || index % 500 === 0) {
      collect();
      base = Math.max(base, process.memoryUsage().rss / megabyte - maxMemoryMb / 4);
    }
  };

  // The first cases compile code and fill caches.
  for (const kind of caseKinds) await targets[kind](makers[kind](0)).catch(() => undefined);
  while (Date.now() < endsAt) {
    for (const kind of caseKinds) {
      for (let i = 0; i < perRound[kind] && Date.now() < endsAt; i++) await one(kind);
    }
  }
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
