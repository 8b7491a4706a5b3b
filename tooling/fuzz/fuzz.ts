/**
 * `npm run fuzz -- [--minutes 20] [--seed 1] [--out folder]`: hostile files, as many as the time allows, in the proportion of
 * 100,000 bitstreams (half of them with repaired checksums) to 5,000 full decodes and 1,000 weight files.
 *
 * Every file has to end in a result or in a typed error, within 2 s of processor time and 300 MB above the start. What does
 * not is written to the folder with what happened. Cases follow from the seed: case i of a kind is the same on every
 * machine. They run in a child, so that a crash or a hang is a finding too and not the end.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, typeScriptRuntime } from '../../scripts/lib/run.mjs';
import { type CaseKind, type CaseReport, caseKinds, maxMemoryMb, maxSeconds, perRound } from './limits.ts';

/** What the child is told when it starts. */
export interface ChildTask {
  readonly seed: number;
  /** Cases of every kind that are done already. */
  readonly done: Readonly<Record<CaseKind, number>>;
  readonly endsAt: number;
  /** Where the file of the case that is running is kept. */
  readonly runningFile: string;
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
const runningFile = join(values.out, `running-${process.pid}.bin`);
const done: Record<CaseKind, number> = { bitstream: 0, decode: 0, weights: 0 };
const outcomes = new Map<string, number>();
const worst = { seconds: 0, megabytes: 0 };
let findings = 0;

function keep(report: CaseReport, problem: string): void {
  findings++;
  const name = `${report.kind}-${seed}-${report.index}`;
  if (existsSync(runningFile)) writeFileSync(join(values.out, `${name}.bin`), readFileSync(runningFile));
  writeFileSync(join(values.out, `${name}.json`), `${JSON.stringify({ ...report, problem }, null, 2)}\n`);
  process.stdout.write(`FOUND ${name}: ${problem}\n`);
}

function judge(report: CaseReport): void {
  done[report.kind] = report.index + 1;
  const outcome = `${report.kind} ${report.outcome}`;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  worst.seconds = Math.max(worst.seconds, report.seconds);
  worst.megabytes = Math.max(worst.megabytes, report.megabytes);
  if (report.untyped !== undefined) keep(report, `untyped error: ${report.untyped}`);
  else if (report.seconds > maxSeconds) keep(report, `${report.seconds.toFixed(1)} s`);
  else if (report.megabytes > maxMemoryMb) keep(report, `${report.megabytes} MB above the start`);
}

/** Runs a child until the time is over, or until it dies on a case. */
function runChild(endsAt: number): Promise<void> {
  const { execArgv, env } = typeScriptRuntime();
  const file = fileURLToPath(new URL('./child.ts', import.meta.url));
  const child = fork(file, { execArgv: [...execArgv, '--expose-gc'], env });
  const task: ChildTask = { seed, done, endsAt, runningFile };
  child.send(task);
  let last: Pick<CaseReport, 'kind' | 'index'> | undefined;
  let wakeUp: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(wakeUp);
    wakeUp = setTimeout(() => child.kill('SIGKILL'), hangMs);
  };
  watch();
  child.on('message', (message: { started: Pick<CaseReport, 'kind' | 'index'> } | { report: CaseReport }) => {
    watch();
    if ('started' in message) last = message.started;
    else judge(message.report);
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (status, signal) => {
      clearTimeout(wakeUp);
      if (last === undefined) reject(new Error('the fuzzer does not start'));
      else if (status !== 0) {
        const problem = signal === 'SIGKILL' ? 'no end' : `the process ended with ${signal ?? status}`;
        keep({ ...last, outcome: 'crash', seconds: 0, megabytes: 0 }, problem);
        done[last.kind] = last.index + 1;
      }
      resolve();
    });
  });
}

const endsAt = Date.now() + minutes * 60_000;
while (Date.now() < endsAt) await runChild(endsAt);
rmSync(runningFile, { force: true });
for (const [outcome, count] of [...outcomes].sort()) process.stdout.write(`${String(count).padStart(8)} ${outcome}\n`);
process.stdout.write(
  `seed ${seed}: ${caseKinds.map((kind) => `${done[kind]} ${kind}`).join(', ')} (a round is ${caseKinds.map((kind) => perRound[kind]).join(' + ')}); ` +
    `worst ${worst.seconds.toFixed(2)} s, ${worst.megabytes} MB; ${findings} findings${findings > 0 ? ` in ${values.out}` : ''}\n`,
);
process.exitCode = findings > 0 ? 1 : 0;
