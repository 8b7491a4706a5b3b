/** The log of a run as a picture: each metric over the steps, smoothed. */
import { readLog, smoothed } from '@vqkit/training';
import { drawChart } from '../picture/draw-chart.ts';

/** Lines that are averaged into one point. */
const window = 10;

/**
 * Draws `log.jsonl`: one chart per metric, with the scores of validation as points.
 *
 * @param path  The log that `train` writes.
 * @returns A PNG file.
 * @throws TrainingError `LOG_UNREADABLE`
 */
export async function drawTrainingCurve(path: string): Promise<Uint8Array> {
  const events = await readLog(path);
  const validated = events.filter(({ validation }) => validation);
  const names = [
    ...new Set([...Object.keys(events.at(-1)!.metrics), ...Object.keys(validated.at(-1)?.validation ?? {})]),
  ];
  const charts = names.map((name) => {
    const values = smoothed(events, name, window);
    const encoding = {
      x: { field: 'step', type: 'quantitative', title: 'steps' },
      y: { field: 'value', type: 'quantitative', title: name, scale: { zero: false } },
    };
    const line = events.map(({ step }, i) => ({ step, value: values[i] })).filter(({ value }) => value !== undefined);
    const points = validated.map(({ step, validation }) => ({ step, value: validation![name] }));
    return {
      width: 260,
      height: 200,
      layer: [
        { data: { values: line }, mark: { type: 'line', color: '#c8102e' }, encoding },
        { data: { values: points }, mark: { type: 'line', point: true, color: '#222222' }, encoding },
      ],
    };
  });
  // Four side by side: photo recipes have ten and more.
  return drawChart({ spacing: 24, columns: 4, concat: charts });
}
