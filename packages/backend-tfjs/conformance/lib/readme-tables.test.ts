/** The README's tables of differences: there for every runtime, and what a run would print today. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tfjs } from '../../src/index.ts';
import { differencesTable } from './differences.ts';
import { readme, tableIn, withTable } from './readme-tables.ts';
import { hasTfjs, importTfjs, needsTfjs } from './with-tfjs.ts';

const text = readFileSync(readme, 'utf8');

describe('tables of differences', () => {
  it.each(['cpu', 'wasm', 'webgpu', 'webgl', 'tensorflow'])('the adapter keeps the contract on %s', (runtime) => {
    const [head, , ...rows] = tableIn(text, runtime);
    expect(head).toMatch(new RegExp(`^\\| ${runtime} \\| contract \\| tfjs 4\\.[\\d.]+ alone \\| adapter \\|$`));
    const answers = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    expect(answers.length).toBeGreaterThan(3);
    expect(answers.filter(([, , expected, , adapted]) => adapted !== `**${expected}**`)).toEqual([]);
  });

  it('are replaced in their places', () => {
    const changed = withTable(text, 'wasm', ['| new |']);
    expect(tableIn(changed, 'wasm')).toEqual(['| new |']);
    expect(tableIn(changed, 'cpu')).toEqual(tableIn(text, 'cpu'));
    expect(() => withTable(text, 'webnn', [])).toThrow(/differences: webnn/);
  });

  it.skipIf(!hasTfjs).each(['cpu', 'wasm'])(`are up to date for %s ${needsTfjs}`, async (runtime) => {
    const tf = await importTfjs();
    const backend = await tfjs(tf, { runtime });
    expect(tableIn(text, runtime)).toEqual(await differencesTable(tf, runtime, backend));
    backend.dispose();
  });
});
