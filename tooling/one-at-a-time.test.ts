import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root, typeScriptRuntime } from '../scripts/lib/run.mjs';

const { execArgv, env } = typeScriptRuntime();

/** Runs a program that does work under a name, in a process of its own; its output. */
async function run(body: string): Promise<string> {
  const source = `const { oneAtATime } = await import('${root}tooling/one-at-a-time.ts'); ${body}`;
  const args = [...execArgv, '--input-type=module', '--eval', source];
  return (await promisify(execFile)(process.execPath, args, { cwd: root, env })).stdout;
}

it('lets processes do work of one name one after the other', async () => {
  const name = `test-${process.pid}`;
  const work =
    "console.log('from', Date.now()); await new Promise((r) => setTimeout(r, 300)); console.log('to', Date.now());";
  const outputs = await Promise.all([1, 2, 3].map(() => run(`await oneAtATime('${name}', async () => { ${work} });`)));
  const spans = outputs.map((text) => [...text.matchAll(/\d+/g)].map(Number)).sort(([a], [b]) => a! - b!);
  expect(spans).toHaveLength(3);
  spans.slice(1).forEach(([from], i) => expect(from).toBeGreaterThanOrEqual(spans[i]![1]!));
});

it('takes over from a process that is gone', async () => {
  const name = `gone-${process.pid}`;
  await run(`await oneAtATime('${name}', async () => process.exit(0));`);
  expect(await run(`console.log(await oneAtATime('${name}', async () => 'done'));`)).toBe('done\n');
});
