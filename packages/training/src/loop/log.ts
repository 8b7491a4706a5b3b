/** The log of a run, `log.jsonl`: one JSON object a line. Written by the loop, read for curves and times. */
import { appendFile } from 'node:fs/promises';
import { readRegularFile } from '@vqkit/core';
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
  const text = await readText(path).catch(() => '');
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
  const text = await readText(path).catch((cause: unknown) => {
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

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readRegularFile(path));
}

function parse(text: string): TrainingEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return eventOf(JSON.parse(line));
    } catch {
      return [];
    }
  });
}

/** A line that is one of a log; numbers that JSON does not have, as those of a run that diverged, are left out. */
function eventOf(value: unknown): TrainingEvent[] {
  if (!isRecord(value)) return [];
  const { step, steps = step, secondsPerStep = 0, rate = 0, metrics, validation } = value;
  const isEvent = [step, steps, secondsPerStep, rate].every(Number.isFinite) && Number.isInteger(step);
  if (!isEvent || !isRecord(metrics)) return [];
  const numbers = { steps, secondsPerStep, rate, metrics: numbersIn(metrics) } as Omit<TrainingEvent, 'step'>;
  return [
    {
      ...(value as { step: number }),
      ...numbers,
      validation: isRecord(validation) ? numbersIn(validation) : undefined,
    },
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numbersIn(record: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}

function unreadable(path: string, got: string, cause?: unknown): TrainingError {
  return new TrainingError({
    code: 'LOG_UNREADABLE',
    message: `expected a log of vqkit's training at '${path}', got: ${got}`,
    fix: "Name the log.jsonl of a run's folder",
    cause,
  });
}
