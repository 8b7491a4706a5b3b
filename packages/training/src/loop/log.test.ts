import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLog, smoothed, truncateLog } from './log.ts';

it('reads what a log says, whatever stands between', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vqkit-log-'));
  const path = join(folder, 'log.jsonl');
  const event = { step: 20, steps: 40, secondsPerStep: 1, rate: 0.1, metrics: { loss: 2 } };
  const odd = [
    'null',
    '[]',
    '"step"',
    '{"step":1}',
    '{"step":2,"metrics":null}',
    '{"step":3,"metrics":[1]}',
    '{"step":"4","metrics":{}}',
    '{"step":5,"metrics":{},"secondsPerStep":"x"}',
    '{"step":1e400,"metrics":{}}',
    '{"step":6,"met',
  ];
  // JSON has null for the loss of a run that diverged.
  const diverged =
    '{"step":40,"steps":40,"secondsPerStep":1,"rate":0.1,"metrics":{"loss":null,"mse":3},"validation":7}';
  await writeFile(path, [...odd, JSON.stringify(event), diverged, ...odd].join('\n'));
  const events = await readLog(path);
  expect(events).toEqual([event, { ...event, step: 40, metrics: { mse: 3 } }]);
  expect(smoothed(events, 'loss', 1)).toEqual([2, undefined]);
  await truncateLog(path, 20);
  expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(event)}\n`);
  await writeFile(path, odd.join('\n'));
  await expect(readLog(path)).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
  await expect(readLog('/dev/zero')).rejects.toMatchObject({ code: 'LOG_UNREADABLE' });
  await rm(folder, { recursive: true });
});
