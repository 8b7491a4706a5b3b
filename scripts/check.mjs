/** `npm run check`: format, lint, types, dependency direction, what is unused; runs all; the exit status is how many failed. */
import { join } from 'node:path';
import { root, run } from './lib/run.mjs';
import { setup } from './setup.mjs';

const checks = [
  ['format', ['format.mjs', '--check']],
  ['lint', ['lint.mjs']],
  ['types', ['typecheck.mjs']],
  ['imports', ['check-imports.mjs']],
  ['unused', ['unused.mjs']],
];

await setup();
let failed = 0;
for (const [name, [file, ...args]] of checks) {
  const status = await run(process.execPath, [join(root, 'scripts', file), ...args]);
  process.stdout.write(`${name}: ${status === 0 ? 'ok' : 'FAILED'}\n`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed;
