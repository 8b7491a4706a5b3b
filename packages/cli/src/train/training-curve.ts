/** The log of a run as a picture: each metric over the steps, smoothed. */
import { readFile } from 'node:fs/promises';
import type { TrainingEvent } from '@vqkit/training';
import { drawChart } from '../picture/draw-chart.ts';

/** Lines that are averaged into one point: losses of single batches jump. */
const window = 10;

/**
 * Draws `log.jsonl`.
 *
 * @param path  The log that `train` writes. A resumed run may have repeated steps: the later line counts.
 * @returns A PNG file.
 */
export async function drawTrainingCurve(path: string): Promise<Uint8Array> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const events = new Map(lines.map((line) => JSON.parse(line) as TrainingEvent).map((event) => [event.step, event]));
  const sorted = [...events.values()].sort((a, b) => a.step - b.step);
  const names = Object.keys(sorted.at(-1)?.metrics ?? {});
  const charts = names.map((name) => ({
    width: 260,
    height: 200,
    data: { values: smoothed(sorted, name) },
    mark: { type: 'line', color: '#c8102e' },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'steps' },
      y: { field: 'value', type: 'quantitative', title: name, scale: { zero: false } },
    },
  }));
  return drawChart({ spacing: 24, hconcat: charts });
}

function smoothed(events: readonly TrainingEvent[], name: string): { step: number; value: number }[] {
  return events.flatMap(({ step }, i) => {
    const values = events.slice(Math.max(0, i - window + 1), i + 1).flatMap(({ metrics }) => metrics[name] ?? []);
    return values.length === 0 ? [] : [{ step, value: values.reduce((sum, value) => sum + value, 0) / values.length }];
  });
}
