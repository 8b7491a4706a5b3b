/** Quality against training time: the logs of consecutive runs on one axis of hours, their validation, and scores of test images at some steps. */
import { readLog, secondsOf, smoothed } from '@vqkit/training';
import { CliError } from '../errors.ts';
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
  /** A metric of the logs, e.g. `lpips`, or a score of their validation, e.g. `frechet`; drawn together where both have the name. */
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

/**
 * Draws the curve.
 *
 * @returns A PNG file.
 * @throws CliError `USAGE` when no log has the metric, or a score names one that is not there; TrainingError `LOG_UNREADABLE`
 */
export async function drawQualityCurve(options: QualityCurveOptions): Promise<Uint8Array> {
  const { logs, metric, scores = [], scoresTitle = 'test images' } = options;
  const lines: Point[] = [];
  const points: Point[] = [];
  let start = 0;
  for (const [i, path] of logs.entries()) {
    const events = await readLog(path);
    const hours = secondsOf(events).map((seconds) => start + seconds / 3600);
    const values = smoothed(events, metric, window);
    for (const [k, { validation }] of events.entries()) {
      if (values[k] !== undefined) lines.push({ hours: hours[k]!, value: values[k], run: `run ${i + 1}` });
      const score = validation?.[metric];
      if (score !== undefined) lines.push({ hours: hours[k]!, value: score, run: 'validation' });
    }
    for (const { log, step, value } of scores) {
      if (log !== i + 1) continue;
      points.push({
        hours: hours[events.filter((event) => event.step <= step).length - 1] ?? start,
        value,
        run: scoresTitle,
      });
    }
    start = hours.at(-1)!;
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

function usage(message: string): CliError {
  return new CliError({ code: 'USAGE', message, fix: 'See vqkit curve --help' });
}
