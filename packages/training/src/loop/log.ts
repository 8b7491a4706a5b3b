/** The log of a run, `log.jsonl`: one JSON object a line. Written by the loop, read for curves and times. */
import { appendFile, readFile } from 'node:fs/promises';
import { TrainingError } from '../errors.ts';
import { unwritable, writeWhole } from '../files/write-whole.ts';
import type { ValidationScores } from './recipe.ts';

/** One line of the log. */
export interface TrainingEvent {
  /** Steps done. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly secondsPerStep: number;
  readonly rate: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Where this step was validated. */
  readonly validation?: ValidationScores;
}

/** Adds a line. @throws TrainingError `OUTPUT_UNWRITABLE` */
export async function appendToLog(path: string, event: TrainingEvent): Promise<void> {
  await appendFile(path, `${JSON.stringify(event)}\n`).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
}

/** Takes away what a killed run logged after its checkpoint, and half a line at the end. */
export async function truncateLog(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const kept = parse(text).filter((event) => event.step <= step);
  const shorter = kept.map((event) => `${JSON.stringify(event)}\n`).join('');
  if (shorter !== text) await writeWhole(path, shorter);
}

/**
 * Reads a log, by steps. A resumed run may have repeated steps: the later line counts. Lines that a full disc or a power
 * cut left unfinished are passed over.
 *
 * @throws TrainingError `LOG_UNREADABLE` when there is no such file, or no line of a log in it.
 */
export async function readLog(path: string): Promise<TrainingEvent[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const events = parse(text);
  if (events.length === 0) throw unreadable(path, 'no line of one');
  return [...new Map(events.map((event) => [event.step, event])).values()].sort((a, b) => a.step - b.step);
}

/** Seconds of training up to each event; validation and time between runs are not counted. */
export function secondsOf(events: readonly TrainingEvent[]): number[] {
  let [seconds, previous] = [0, 0];
  return events.map(({ step, secondsPerStep }) => {
    seconds += (step - previous) * secondsPerStep;
    previous = step;
    return seconds;
  });
}

/** A metric averaged over `window` lines, since losses of single batches jump; undefined where it was not logged. */
export function smoothed(events: readonly TrainingEvent[], metric: string, window: number): (number | undefined)[] {
  return events.map((_, i) => {
    const near = events.slice(Math.max(0, i - window + 1), i + 1).flatMap(({ metrics }) => metrics[metric] ?? []);
    return near.length === 0 ? undefined : near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

function parse(text: string): TrainingEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      const event = JSON.parse(line) as Partial<TrainingEvent> | null;
      return Number.isInteger(event?.step) && event?.metrics !== undefined ? [event as TrainingEvent] : [];
    } catch {
      return [];
    }
  });
}

function unreadable(path: string, got: string, cause?: unknown): TrainingError {
  return new TrainingError({
    code: 'LOG_UNREADABLE',
    message: `expected a log of vqkit's training at '${path}', got: ${got}`,
    fix: "Name the log.jsonl of a run's folder",
    cause,
  });
}
