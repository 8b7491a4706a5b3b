/**
 * `npm run fuzz -- [--minutes 20] [--seed 1] [--out folder]`: hostile files, as many as the time allows, in the proportion of
 * 100,000 bitstreams (half of them with repaired checksums) to 5,000 full decodes and 1,000 weight files.
 *
 * Every file has to end in a result or in a typed error, within 2 s of processor time and 300 MB above the start. What does
 * not is written to the folder with what happened. Cases follow from the seed: case i of a kind is the same on every
 * machine. They run in a child, so that a crash or a hang is a finding too and not the end.
 */
import { fork } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, typeScriptRuntime } from '../../scripts/lib/run.mjs';
import { type CaseKind, type CaseReport, type ChildReport, caseKinds, noCase, perRound, problemOf } from './limits.ts';
import { createMakers } from './make-cases.ts';
import { progressReader } from './progress.ts';

/** What the child is told when it starts. */
export interface ChildTask {
  readonly seed: number;
  /** Cases of every kind that are done already. */
  readonly done: Readonly<Record<CaseKind, number>>;
  readonly endsAt: number;
  /** Where it says which case is running. */
  readonly progressFile: string;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: join(root, 'out', 'fuzz') },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run fuzz -- [--minutes 20] [--seed 1] [--out folder]\n');
  process.exit(2);
}
/** A case without an end: far more than any that is merely slow. */
const hangMs = 120_000;

mkdirSync(values.out, { recursive: true });
const progressFile = join(values.out, `progress-${process.pid}.bin`);
let done: Readonly<Record<CaseKind, number>> = { bitstream: 0, decode: 0, weights: 0 };
const outcomes = new Map<string, number>();
let [slowest, largest] = [noCase, noCase];
let findings = 0;

/** Keeps a case that breaks a rule: its file, which is made again, and what happened. */
function keep(report: CaseReport, problem: string): void {
  findings++;
  const name = `${report.kind}-${seed}-${report.index}`;
  writeFileSync(join(values.out, `${name}.bin`), createMakers(seed)[report.kind](report.index));
  writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify({ ...report, problem }, null, 2)}\n`);
  process.stdout.write(`FOUND ${name}: ${problem}\n`);
}

/** Runs a child until the time is over, or until it dies on a case. */
function runChild(endsAt: number): Promise<void> {
  const { execArgv, env } = typeScriptRuntime();
  const file = fileURLToPath(new URL('./child.ts', import.meta.url));
  const where = progressReader(progressFile);
  const child = fork(file, { execArgv: [...execArgv, '--expose-gc'], env });
  const task: ChildTask = { seed, done, endsAt, progressFile };
  child.send(task);
  let last: ChildReport = { outcomes: {}, slowest: noCase, largest: noCase, findings: [] };
  let seen = { at: '', since: Date.now() };
  const watch = setInterval(() => {
    const at = JSON.stringify(where());
    if (at !== seen.at) seen = { at, since: Date.now() };
    else if (Date.now() - seen.since > hangMs) child.kill('SIGKILL');
  }, 1000);
  child.on('message', (message: ChildReport) => {
    last = message;
    for (const report of message.findings) keep(report, problemOf(report)!);
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (status, signal) => {
      clearInterval(watch);
      const progress = where();
      if (progress === undefined) return reject(new Error('the fuzzer does not start'));
      done = progress.begun;
      for (const [outcome, count] of Object.entries(last.outcomes))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
      if (last.slowest.seconds > slowest.seconds) slowest = last.slowest;
      if (last.largest.megabytes > largest.megabytes) largest = last.largest;
      if (status !== 0) {
        const problem = signal === 'SIGKILL' ? 'no end' : `the process ended with ${signal ?? status}`;
        const { kind, index } = progress;
        keep({ kind, index, outcome: 'crash', seconds: 0, megabytes: 0 }, problem);
      }
      resolve();
    });
  });
}

const endsAt = Date.now() + minutes * 60_000;
while (Date.now() < endsAt) await runChild(endsAt);
rmSync(progressFile, { force: true });
for (const [outcome, count] of [...outcomes].sort()) process.stdout.write(`${String(count).padStart(8)} ${outcome}\n`);
process.stdout.write(
  `seed ${seed}: ${caseKinds.map((kind) => `${done[kind]} ${kind}`).join(', ')} (a round is ${caseKinds.map((kind) => perRound[kind]).join(' + ')}); ` +
    `worst ${slowest.seconds.toFixed(2)} s (${slowest.kind} ${slowest.index}), ${largest.megabytes} MB (${largest.kind} ${largest.index}); ${findings} findings${findings > 0 ? ` in ${values.out}` : ''}\n`,
);
process.exitCode = findings > 0 ? 1 : 0;
