/**
 * `npm run check`: format, lint, types, the direction of imports, what is unused, what
 * published packages say about themselves, and their tarballs. Runs all of them; the exit status is how many failed.
 */
import { join } from 'node:path';
import { root, run } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { tasks } from './task.mjs';

const checks = {
  format: () => tasks['check-format']([]),
  lint: () => tasks.lint([]),
  types: () => tasks.typecheck([]),
  imports: () => run(process.execPath, [join(root, 'scripts', 'check-imports.mjs')]),
  unused: () => tasks.unused([]),
  manifests: () => run(process.execPath, [join(root, 'scripts', 'manifests.mjs')]),
  tarballs: () => tasks.tarballs([]),
};

await setup();
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const status = await check();
  process.stdout.write(`${name}: ${status === 0 ? 'ok' : 'FAILED'}\n`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed;
