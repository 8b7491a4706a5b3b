/**
 * `npm run conformance -- --backend <name> [options]`: runs the conformance kit on one backend. How a backend is made is
 * in `packages/<package>/conformance/<name>.ts`; see `tooling/conformance.ts` for what that file exports.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTypeScript } from './lib/run.mjs';
import { listPackages } from './lib/workspace.mjs';
import { setup } from './setup.mjs';

/** The backends that can be tested: name → module, relative to the root. */
function listTargets() {
  const modules = listPackages(root).flatMap(({ folder, path }) => {
    const conformance = join(folder, 'conformance');
    if (!existsSync(conformance)) return [];
    return readdirSync(conformance)
      .filter((file) => /^[a-z0-9-]+\.ts$/.test(file))
      .map((file) => [file.slice(0, -'.ts'.length), `${path}/conformance/${file}`]);
  });
  return new Map(modules.sort());
}

const args = process.argv.slice(2);
const option = args.indexOf('--backend');
const [, name] = option >= 0 ? args.splice(option, 2) : [];
const targets = listTargets();
const target = targets.get(name);

if (target === undefined) {
  process.stderr.write(`usage: npm run conformance -- --backend <${[...targets.keys()].join(' | ') || 'none yet'}>\n`);
  process.exitCode = 2;
} else {
  await setup();
  process.exitCode = await runTypeScript('tooling/conformance.ts', [target, ...args]);
}
