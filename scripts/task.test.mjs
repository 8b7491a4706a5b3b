/** The table of root commands and the root manifest name the same things. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './lib/run.mjs';
import { tasks } from './task.mjs';

it('has a task or a file behind every root command', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, command] of Object.entries(scripts)) {
    const [, file, task] = command.match(/^node (scripts\/[a-z-]+\.mjs)(?: ([a-z-]+))?$/);
    expect(existsSync(join(root, file)), name).toBe(true);
    if (task !== undefined) expect([task, typeof tasks[task]]).toEqual([name, 'function']);
  }
});
