/** Which files a command makes of which: one of one, or a folder of many. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { eachFile, linesOfSkipped } from '../io/each-file.ts';
import { nameOfInput, standardStream } from '../io/files.ts';
import type { Progress } from '../io/progress.ts';
import { printReport, tell } from '../output.ts';
import { listImages } from './list-images.ts';

/** Where an input goes. */
export interface Job {
  readonly input: string;
  readonly output: string;
}

/**
 * One file into a file, or into a folder that is there; several, or a folder, into a folder that is made if need be.
 *
 * @param extensionOf  Of what an input becomes in a folder, with its dot.
 * @throws CliError `USAGE`, `INPUT_UNREADABLE`, `FOLDER_EMPTY`
 */
export async function jobsOf(
  inputs: readonly string[],
  output: string,
  extensionOf: (input: string) => string,
): Promise<Job[]> {
  const kindOfPath = async (path: string): Promise<'folder' | 'other' | undefined> => {
    const found = path === standardStream ? undefined : await stat(path).catch(() => undefined);
    return found && (found.isDirectory() ? 'folder' : 'other');
  };
  const target = await kindOfPath(output);
  const isSingle = inputs.length === 1 && (await kindOfPath(inputs[0]!)) !== 'folder';
  if (isSingle && target !== 'folder') return [{ input: inputs[0]!, output }];
  if (!isSingle && (output === standardStream || target === 'other')) {
    throw new CliError({
      code: 'USAGE',
      message: `expected -o with a folder for several images, got ${nameOfInput(output)}`,
      fix: 'Name a folder; it is made when it is not there',
    });
  }
  const lists = await Promise.all(inputs.map((input) => (input === standardStream ? [input] : listImages(input))));
  const files = [...new Set(lists.flat())];
  if (target === undefined) await mkdir(output, { recursive: true });
  const stem = (file: string): string => (file === standardStream ? 'stdin' : basename(file, extname(file)));
  return files.map((input) => {
    const isShared = files.some((other) => other !== input && stem(other) === stem(input));
    return { input, output: join(output, `${isShared ? basename(input) : stem(input)}${extensionOf(input)}`) };
  });
}

/** What a job became: an object for `--json`, a line for people. */
export interface JobReport {
  readonly report: object;
  readonly line: string;
}

/** What the jobs of a command share. */
export interface JobsOptions {
  /** Shows how many are done; the work of a single one shows its own progress. */
  readonly bar: Progress;
  readonly json?: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * Does the jobs one after another, goes on after broken files, and says what came of them.
 *
 * @throws CliError `ALL_FAILED`, or what a single job throws; the signal's reason.
 */
export async function runJobs(
  jobs: readonly Job[],
  work: (job: Job) => Promise<JobReport>,
  { bar, json, signal }: JobsOptions,
): Promise<void> {
  const reports: object[] = [];
  const files = jobs.map((job) => job.input);
  const skipped = await eachFile(
    files,
    async (file) => {
      const at = files.indexOf(file);
      if (jobs.length > 1) bar.update({ done: at, total: jobs.length }, file);
      const { report, line } = await work(jobs[at]!);
      if (jobs.length === 1) bar.stop();
      reports.push(report);
      if (!json) await printReport({}, [line], { file: jobs[at]!.output });
    },
    signal,
  );
  bar.stop();
  if (json) await printReport(jobs.length === 1 ? reports[0]! : { files: reports, skipped }, [], { json });
  else for (const line of linesOfSkipped(files, skipped)) tell(line);
}
