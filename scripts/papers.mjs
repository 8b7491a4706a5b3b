/** `npm run papers -- <name> [options]`: repeats a paper's table with `bench/papers/<name>/<name>.papers.ts`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runTypeScript } from './lib/run.mjs';
import { setup } from './setup.mjs';

const folder = join(root, 'bench', 'papers');
const programOf = (name) => join('bench', 'papers', name, `${name}.papers.ts`);
const names = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(root, programOf(name)))) : [];
const [name, ...args] = process.argv.slice(2);

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run papers -- <${names.join(' | ') || 'none yet'}> [options]\n`);
  process.exitCode = 2;
} else {
  await setup();
  process.exitCode = await runTypeScript(programOf(name), args);
}
