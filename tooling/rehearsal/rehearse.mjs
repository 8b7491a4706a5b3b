/**
 * `npm run release -- --rehearse`: three releases of a clone of this repository's last commit, to a Verdaccio on this
 * machine, with the commands that a real release uses: the first one, interrupted and taken up again; then a patch; then a
 * major. Checks versions, ranges, changelogs, tags, and what is in the tarballs, and runs the examples with their own
 * manifests from that registry. The packages are built once, with the cache of this checkout, since releases change versions
 * alone. What is not ours comes from the registry that npm is configured for.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, publishedPackages } from '../../scripts/lib/releases.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { install, npm, startRegistry } from './registry.mjs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const isWeights = (name) => name.startsWith('@vqkit/weights-');

/** Counts what holds and what does not, and says it. */
function startCounting() {
  const counts = { passed: 0, failed: 0 };
  const start = performance.now();
  const expectThat = (what, holds, got) => {
    counts[holds ? 'passed' : 'failed'] += 1;
    const found = holds || got === undefined ? '' : `, got ${JSON.stringify(got)}`;
    const seconds = Math.round((performance.now() - start) / 1000);
    process.stdout.write(`${holds ? 'ok' : 'FAILED'}: ${what}${found} (${seconds} s)\n`);
  };
  return { counts, expectThat };
}

/** A clone of the last commit, built and ready to work in. */
function cloneTo(clone) {
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
  git(clone, 'config', 'user.name', 'rehearsal');
  git(clone, 'config', 'user.email', 'rehearsal@localhost');
  const env = { ...process.env, TURBO_CACHE_DIR: join(root, '.turbo/cache') };
  const options = { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync(process.execPath, ['scripts/task.mjs', 'build'], options);
}

/** Starts a step of the release in the clone; with `stopAfter`, kills it when that many packages are published. */
function release(clone, args, env, stopAfter = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, ['scripts/release.mjs', ...args], {
    cwd: clone,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let published = 0;
  child.stdout.on('data', (chunk) => {
    published += `${chunk}`.split('New tag:').length - 1;
    if (published >= stopAfter) process.kill(-child.pid, 'SIGKILL');
  });
  return new Promise((done) => child.on('close', (status, signal) => done({ status: status ?? signal, published })));
}

/** The examples, as they are, with what their manifests ask for. */
async function tryExamples(clone, folder, { scope }, version, expectThat) {
  const examples = join(folder, 'examples');
  cpSync(join(clone, 'examples'), examples, { recursive: true });
  for (const name of readdirSync(examples)) {
    await install(join(examples, name), scope);
    const got = read(join(examples, name, 'node_modules/@vqkit/codec/package.json')).version;
    expectThat(`${name}: installs by its own ranges`, got === version, got);
  }
  const run = (name, program, ...args) =>
    execFileSync(process.execPath, [program, ...args], { cwd: join(examples, name), encoding: 'utf8' });
  const coded = run('node-codec', 'round-trip.mjs');
  expectThat('node-codec: codes a picture', /^\d+ bytes, 0\.0\d+ bpp, 256×192$/m.test(coded), coded);
  const page = readFileSync(join(examples, 'browser-page/index.html'), 'utf8');
  const mapped = [...page.matchAll(/"\.\/(node_modules\/[^"]+)"/g)].map(([, file]) => file);
  const lost = mapped.filter((file) => !existsSync(join(examples, 'browser-page', file)));
  expectThat('browser-page: everything in its import map is there', mapped.length > 0 && lost.length === 0, lost);
  run('vite-app', 'node_modules/vite/bin/vite.js', 'build');
  const built = readdirSync(join(examples, 'vite-app/dist/assets'));
  const hasWeights = built.some((file) => /^weights-.*\.safetensors$/.test(file));
  expectThat('vite-app: builds with the weights among its files', hasWeights, built);
}

/** Runs the rehearsal; resolves to the exit status. */
export async function rehearse() {
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-rehearsal-'));
  const clone = join(folder, 'clone');
  const { counts, expectThat } = startCounting();
  let registry;
  try {
    registry = await startRegistry(join(folder, 'registry'));
    cloneTo(clone);
    expectThat('a clone is set up and builds', true);
    const step = (...args) => release(clone, args, registry.env);
    const packages = publishedPackages(clone).map(({ manifest }) => manifest.name);
    const versionOf = (path) => read(join(clone, path, 'package.json')).version;
    const expectVersions = async (what, shared, ownVersion) => {
      const got = await Promise.all(
        packages.map(async (name) => [name, (await registry.view(name))['dist-tags']?.latest]),
      );
      const wrong = got.filter(([name, version]) => version !== (isWeights(name) ? ownVersion : shared));
      expectThat(`${what}: ${shared}, weights ${ownVersion}`, wrong.length === 0, wrong);
    };
    const expectTag = (tag, version) => {
      const path = tag.startsWith('v') ? 'packages/core' : 'packages/weights/photo';
      const at = JSON.parse(git(clone, 'show', `${tag}^{commit}:${path}/package.json`)).version;
      expectThat(`the tag ${tag} names a commit that holds ${version}`, at === version, at);
      // `git push --follow-tags` pushes no others
      const kind = git(clone, 'cat-file', '-t', tag);
      expectThat(`the tag ${tag} is annotated`, kind === 'tag', kind);
    };

    // the first release, interrupted
    expectThat('version', (await step('version')).status === 0);
    expectThat('nothing is left uncommitted', git(clone, 'status', '--porcelain') === '');
    const first = versionOf('packages/core');
    const publish = ['publish', '--no-build'];
    const cut = await release(clone, publish, registry.env, 3);
    expectThat('publishing was killed in the middle', cut.status === 'SIGKILL', cut);
    const rest = await step(...publish);
    const isRest = rest.status === 0 && rest.published >= 1 && rest.published < packages.length;
    expectThat('publishing goes on with the rest', isRest, rest);
    const again = await step(...publish);
    expectThat('publishing once more does nothing', again.status === 0 && again.published === 0, again);
    await expectVersions('the first release', first, first);
    expectTag(`v${first}`, first);
    expectTag(`@vqkit/weights-photo@${first}`, first);

    // what is in the tarballs
    const specs = packages.map((name) => `${name}@${first}`);
    const tarballs = JSON.parse(
      await npm(['pack', ...specs, '--json', '--dry-run', '--registry', registry.url], folder),
    );
    for (const { name, files } of tarballs) {
      const paths = files.map(({ path }) => path);
      const own = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'];
      const lacking = own.filter((file) => !paths.includes(file));
      const strange = paths.filter(
        (path) => !own.includes(path) && !/^(dist|files|samples)\/|^typescript-5\.d\.ts$/.test(path),
      );
      const isWhole = lacking.length + strange.length === 0 && paths.some((path) => path.startsWith('dist/'));
      expectThat(`${name}: the tarball has what it needs and nothing else`, isWhole, { lacking, strange });
    }
    expectThat('every package has a tarball', tarballs.length === packages.length, tarballs.length);
    await tryExamples(clone, folder, registry, first, expectThat);

    // a patch, then a major
    const next = async (level, name, text) => {
      writeFileSync(join(clone, '.changeset', `${level}.md`), `---\n'${name}': ${level}\n---\n\n${text}\n`);
      git(clone, 'add', '--all');
      git(clone, 'commit', '--quiet', '--message', text);
      for (const args of [['version'], publish]) expectThat(`${level}: ${args[0]}`, (await step(...args)).status === 0);
      return versionOf('packages/core');
    };
    const patched = await next('patch', '@vqkit/quantizer-fsq', 'Mended something in fsq.');
    await expectVersions('the patch leaves the weights alone', patched, first);
    const changelog = readFileSync(join(clone, 'packages/quantizers/fsq/CHANGELOG.md'), 'utf8');
    const entry = new RegExp(
      `## ${patched.replaceAll('.', '\\.')}\n\n### Patch Changes\n\n- .*Mended something in fsq\\.`,
    );
    expectThat('the changelog tells it', entry.test(changelog), changelog.slice(0, 300));
    expectTag(`v${patched}`, patched);
    const major = await next('major', '@vqkit/codec', 'Changed the interface of the codec.');
    expectThat('a major release', major === '1.0.0', major);
    await expectVersions('the major', major, first);
    const { dependencies } = (await registry.view('@vqkit/codec')).versions[major];
    const ranges = Object.entries(dependencies).filter(([name]) => name.startsWith('@vqkit/'));
    const isNew = ranges.length > 0 && ranges.every(([, range]) => range === '^1.0.0');
    expectThat('packages ask for each other by the new version', isNew, ranges);
    const example = read(join(clone, 'examples/node-codec/package.json')).dependencies;
    const follows = example['@vqkit/codec'] === '^1.0.0' && example['@vqkit/weights-photo'] === `^${first}`;
    expectThat('the examples follow', follows, example);
    expectTag('v1.0.0', '1.0.0');
  } finally {
    registry?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, 0 skipped\n`);
  return counts.failed > 0 ? 1 : 0;
}
