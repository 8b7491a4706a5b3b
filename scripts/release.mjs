/**
 * `npm run release [-- check | version | publish]`: a release in three steps. Without a name it does what is next.
 *
 *   check    checks (publint and attw of each tarball among it), tests, the consumers' matrix, and packs everything into
 *            `out/release`
 *   version  applies the pending changesets and commits: versions, changelogs, ranges of the examples; open a pull request
 *   publish  publishes what the registry lacks, through the pinned pnpm, and tags the commit that holds the versions
 *
 * Every step can be repeated: after a failure run the command again, and it goes on with what is missing. `--no-commit`
 * leaves the commit of `version` to whoever called; `--no-build` publishes what was built before. `npm run release --
 * --rehearse` tries it all with a registry on this machine: see `tooling/rehearsal`.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runPnpm } from './lib/pnpm.mjs';
import { git, pendingChangesets, publishedPackages, tagsOf, updateExamples } from './lib/releases.mjs';
import { root, run, runTool, toolEnvironment } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { packInto } from './tarball.mjs';
import { tasks } from './task.mjs';

const say = (line) => process.stderr.write(`release: ${line}\n`);
const script = (name) => run(process.execPath, [join(root, 'scripts', `${name}.mjs`)]);

/** Ends the step with a message when something returned another status than 0. */
function need(what, status) {
  if (status !== 0) throw new Error(`${what} failed; mend it and run the command again`);
}

function needCleanTree() {
  if (git(root, 'status', '--porcelain') !== '') throw new Error('commit or stash your changes first');
}

/** Packs every package into `out/release`. */
async function packAll() {
  const destination = join(root, 'out', 'release');
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  for (const { folder, manifest } of publishedPackages(root))
    need(`packing ${manifest.name}`, await packInto(folder, destination));
}

async function check() {
  need('npm run check', await script('check'));
  need('npm test', await script('test'));
  need('npm run consumers', await tasks.consumers([]));
  await packAll();
}

async function version({ commit }) {
  if (pendingChangesets(root).length === 0) return say('no changesets are pending: nothing to version');
  if (commit) needCleanTree();
  need('changeset version', await runTool(['@changesets/cli', 'changeset'], ['version']));
  updateExamples(root);
  need('npm run format', await tasks.format([]));
  const tags = tagsOf(publishedPackages(root)).join(', ');
  if (commit) {
    git(root, 'add', '--all');
    git(root, 'commit', '--message', `release: ${tags}`);
  }
  say(`${tags} ${commit ? 'is committed' : 'is ready to be committed'}: open a pull request, merge it, and publish`);
}

async function publish({ build }) {
  if (pendingChangesets(root).length > 0)
    throw new Error('changesets are pending: run npm run release -- version first');
  needCleanTree();
  if (build) need('npm run build', await tasks.build([]));
  let published = 0;
  // pnpm asks the registry for every version, and publishes those that it lacks after what they need
  const args = ['--recursive', 'publish', '--no-git-checks', '--access', 'public'];
  const onLine = (line) => {
    const [, name] = /^\+ (\S+@\S+)$/.exec(line) ?? [];
    if (name === undefined) return void process.stderr.write(`${line}\n`);
    published++;
    process.stdout.write(`New tag: ${name}\n`); // changesets/action reads this
  };
  // `npm run -s` would have npm publish in silence
  const { npm_config_loglevel: _, ...env } = toolEnvironment();
  need('publishing', await runPnpm(args, { env, stdio: ['ignore', 'pipe', 2], onLine }));
  const packages = publishedPackages(root);
  const known = new Set(git(root, 'tag').split('\n'));
  const fresh = tagsOf(packages).filter((tag) => !known.has(tag));
  for (const tag of fresh) git(root, 'tag', '--annotate', tag, '--message', tag);
  const tagged = fresh.length > 0 ? `tagged ${fresh.join(', ')}: git push --follow-tags` : 'all tags are there';
  say(`published ${published} of ${packages.length} packages, the others were there; ${tagged}`);
}

/** What is next: after the check, either a version to be merged or a version to be published. */
async function next(options) {
  await check();
  await (pendingChangesets(root).length > 0 ? version(options) : publish());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const flags = Object.fromEntries(['rehearse', 'no-commit', 'no-build'].map((name) => [name, { type: 'boolean' }]));
  const { values, positionals } = parseArgs({ allowPositionals: true, options: flags });
  const steps = { check, version, publish, pack: packAll };
  const [name] = positionals;
  try {
    await setup();
    if (name !== undefined && !Object.hasOwn(steps, name)) throw new Error('the steps are check, version and publish');
    if (values.rehearse) process.exitCode = await (await import('../tooling/rehearsal/rehearse.mjs')).rehearse();
    else await (steps[name] ?? next)({ commit: !values['no-commit'], build: !values['no-build'] });
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
