/**
 * The root commands that only start a tool or a program: `npm run <name> -- …` is `node scripts/task.mjs <name> …`.
 * Tools of the root package run with this very Node, programs from their TypeScript sources; what needs more than a line
 * has a file of its own beside this one.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runPnpm } from './lib/pnpm.mjs';
import { root, run, runTool, runTypeScript } from './lib/run.mjs';
import { checkManifests } from './manifests.mjs';
import { setup } from './setup.mjs';

/** Programs behind the name that follows the command: `npm run papers -- looc`. */
async function paper([name, ...args]) {
  const programOf = (folder) => join('bench', 'papers', folder, `${folder}.papers.ts`);
  const names = readdirSync(join(root, 'bench/papers')).filter((folder) => existsSync(join(root, programOf(folder))));
  if (names.includes(name)) return runTypeScript(programOf(name), args);
  process.stderr.write(`usage: npm run papers -- <${names.join(' | ')}> [options]\n`);
  return 2;
}

const biome = (...fixed) => tool(['@biomejs/biome', 'biome'], ...fixed, '--error-on-warnings');

/** A tool of the root package with its first arguments; the user's follow. */
function tool(bin, ...fixed) {
  return (args) => runTool(bin, [...fixed, ...args]);
}

/** A TypeScript program of the repository. */
function program(file) {
  return (args) => runTypeScript(file, args);
}

/** A task of turbo, for all packages or the named ones and what they need; what did not change is not done again. */
function turbo(task, names) {
  const filters = names.map((name) => `--filter=${name}`);
  return runPnpm(['exec', 'turbo', 'run', task, '--output-logs=errors-only', ...filters]);
}

/** Name → what runs, given the arguments; resolves to the exit status. */
export const tasks = {
  start: program('packages/cli/src/start.ts'),
  // runs where the user is, so that relative paths mean what they say
  vqkit: (args) => runTypeScript('packages/cli/src/bin.ts', args, { cwd: process.env.INIT_CWD ?? process.cwd() }),
  bench: program('bench/run.ts'),
  papers: paper,
  conformance: program('tooling/conformance.ts'),
  fuzz: program('tooling/fuzz/fuzz.ts'),
  docs: program('tooling/site/build.ts'),
  consumers: program('tooling/consumers/consumers.ts'),
  // what may happen to a training run, with twenty kills at random moments instead of a few
  faults: (args) => {
    process.env.VQKIT_KILLS ??= '20';
    return runTool(['vitest'], ['run', 'packages/training/src/faults.test.ts', ...args]);
  },
  // Vite's development server, which prints its address; or what is made of the built page: screenshots, times, scores
  demo: async ([name, ...args]) => {
    // the page fetches it, and no build has made it yet
    const status = await runTypeScript('tooling/int8-weights.ts', [], { stdio: ['inherit', 'ignore', 'inherit'] });
    if (status !== 0) return status;
    if (['times', 'lighthouse'].includes(name)) return runTypeScript(`apps/demo/src/testing/${name}.ts`, args);
    if (name === 'screenshots') {
      process.env.VQKIT_SCREENSHOTS = '1';
      return runTool(['vitest'], ['run', 'apps/demo/src/screenshots.test.ts', ...args]);
    }
    const vite = ['node_modules/vite/bin/vite.js', ...(name === undefined ? [] : [name, ...args])];
    return run(process.execPath, vite, { cwd: join(root, 'apps/demo') });
  },
  // all packages, or the named ones and what they need
  build: (names) => turbo('build', names),
  tarballs: (names) => turbo('tarball', names),
  format: async (args) => {
    checkManifests(root, true);
    return biome('check', '--linter-enabled=false', '--write')(args);
  },
  'check-format': biome('check', '--linter-enabled=false'),
  lint: biome('lint'),
  typecheck: tool(['typescript', 'tsc'], '--noEmit', '-p', 'tsconfig.json'),
  unused: tool(['knip'], '--no-config-hints'),
  changeset: tool(['@changesets/cli', 'changeset']),
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, ...args] = process.argv.slice(2);
  if (!Object.hasOwn(tasks, name ?? '')) {
    process.stderr.write(`usage: node scripts/task.mjs <${Object.keys(tasks).join(' | ')}> [arguments]\n`);
    process.exit(2);
  }
  await setup();
  process.exitCode = await tasks[name](args);
}
