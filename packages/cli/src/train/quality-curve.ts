/** Quality against training time: the logs of consecutive runs on one axis of hours, and scores of test images at some steps. */
import { readFile } from 'node:fs/promises';
import type { TrainingEvent } from '@vqkit/training';
import { CliError, reasonOf } from '../errors.ts';
import { drawChart } from '../picture/draw-chart.ts';

/** A score that was measured with the weights of some step. */
export interface MeasuredScore {
  /** Which of the logs, from 1. */
  readonly log: number;
  readonly step: number;
  readonly value: number;
}

/** What to draw. */
export interface QualityCurveOptions {
  /** `log.jsonl` files of consecutive runs. */
  readonly logs: readonly string[];
  /** A metric of the logs, e.g. `lpips`. */
  readonly metric: string;
  readonly scores?: readonly MeasuredScore[];
  /** What the scores were measured on. */
  readonly scoresTitle?: string;
}

interface Point {
  readonly hours: number;
  readonly value: number;
  readonly run: string;
}

/** Lines that are averaged into one point: losses of single batches jump. */
const window = 15;

async function readEvents(path: string): Promise<TrainingEvent[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TrainingEvent);
  } catch (cause) {
    throw usage(`expected a log of vqkit train at '${path}', got: ${reasonOf(cause)}`);
  }
}

/** Steps of a log with the hours of training behind each; a resumed run may have repeated steps: the later line counts. */
function timesOf(events: readonly TrainingEvent[], start: number): { event: TrainingEvent; hours: number }[] {
  const sorted = [...new Map(events.map((event) => [event.step, event])).values()].sort((a, b) => a.step - b.step);
  let [hours, previous] = [start, 0];
  return sorted.map((event) => {
    hours += ((event.step - previous) * event.secondsPerStep) / 3600;
    previous = event.step;
    return { event, hours };
  });
}

function smoothed(times: readonly { event: TrainingEvent; hours: number }[], metric: string, run: string): Point[] {
  return times.flatMap(({ hours }, i) => {
    const near = times.slice(Math.max(0, i - window + 1), i + 1).flatMap(({ event }) => event.metrics[metric] ?? []);
    return near.length === 0 ? [] : [{ hours, value: near.reduce((sum, value) => sum + value, 0) / near.length, run }];
  });
}

/**
 * Draws the curve.
 *
 * @returns A PNG file.
 * @throws CliError `USAGE` when no log has the metric, a log cannot be read, or a score names one that is not there.
 */
export async function drawQualityCurve(options: QualityCurveOptions): Promise<Uint8Array> {
  const { logs, metric, scores = [], scoresTitle = 'test images' } = options;
  const lines: Point[] = [];
  const points: Point[] = [];
  let start = 0;
  for (const [i, path] of logs.entries()) {
    const times = timesOf(await readEvents(path), start);
    lines.push(...smoothed(times, metric, `run ${i + 1}`));
    for (const { log, step, value } of scores) {
      if (log === i + 1) points.push({ hours: hoursAt(times, step, start), value, run: scoresTitle });
    }
    start = times.at(-1)?.hours ?? start;
  }
  if (lines.length === 0) throw usage(`expected logs with the metric '${metric}', got none in ${logs.join(', ')}`);
  if (points.length < scores.length) throw usage(`expected scores of logs 1 to ${logs.length}, got another number`);
  const encoding = {
    x: { field: 'hours', type: 'quantitative', title: 'hours of training' },
    y: { field: 'value', type: 'quantitative', title: metric, scale: { zero: false } },
    color: { field: 'run', type: 'nominal', title: null, legend: { orient: 'top' } },
  };
  return drawChart({
    width: 640,
    height: 320,
    layer: [
      { data: { values: lines }, mark: { type: 'line' }, encoding },
      { data: { values: points }, mark: { type: 'point', filled: true, size: 90, color: 'black' }, encoding },
    ],
  });
}

function hoursAt(times: readonly { event: TrainingEvent; hours: number }[], step: number, start: number): number {
  return times.filter(({ event }) => event.step <= step).at(-1)?.hours ?? start;
}

function usage(message: string): CliError {
  return new CliError({ code: 'USAGE', message, fix: 'See vqkit curve --help' });
}
