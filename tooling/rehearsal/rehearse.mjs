/**
 * `npm run release -- --rehearse`: three releases of a clone of this repository's last commit, to a Verdaccio on this
 * machine, with the commands that a real release uses: the first one, interrupted and taken up again; then a patch; then a
 * major. Checks versions, ranges, changelogs, tags, and what is in the tarballs, and runs the examples with their own
 * manifests from that registry. What is not ours comes from the registry that npm is configured for.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { npmInvocation } from '../../scripts/lib/pnpm.mjs';
import { git, publishedPackages } from '../../scripts/lib/releases.mjs';
import { root } from '../../scripts/lib/run.mjs';

const execute = promisify(execFile);
const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];

/** Runs npm, quietly; its error carries what it printed. */
async function npm(args, cwd, env) {
  const invocation = npmInvocation(args);
  const options = { cwd, env: { ...process.env, ...env }, shell: invocation.shell, maxBuffer: 2 ** 26 };
  return (await execute(invocation.command, invocation.args, options)).stdout;
}

/** A registry on a free port: our packages are taken from anybody, others come from the configured one. */
async function startRegistry(folder) {
  cpSync(fileURLToPath(new URL('./package.json', import.meta.url)), join(folder, 'package.json'));
  const upstream = (await npm(['config', 'get', 'registry'], folder)).trim();
  await npm(['install', ...quiet], folder);
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  const ours = { access: '$all', publish: '$all' };
  const config = {
    storage: './storage',
    uplinks: { upstream: { url: upstream, timeout: '10m', maxage: '1h' } },
    packages: { '@vqkit/*': ours, vqkit: ours, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'json', level: 'error' },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config)); // JSON is YAML
  const program = join(folder, 'node_modules/verdaccio/bin/verdaccio');
  const args = [program, '--config', 'config.yaml', '--listen', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}/`;
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error('Verdaccio does not start');
    await new Promise((done) => setTimeout(done, 200));
  }
  // npm publishes with a token only; this registry takes any
  const rc = join(folder, 'user.npmrc');
  writeFileSync(rc, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`);
  const env = { npm_config_registry: url, npm_config_userconfig: rc, NPM_CONFIG_USERCONFIG: rc };
  return { url, env, stop: () => child.kill() };
}

/** Starts a step of the release in the clone; with `stopAfter`, kills it when that many packages are published. */
function release(clone, step, env, stopAfter = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, ['scripts/release.mjs', step], {
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

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Runs the rehearsal; resolves to the exit status. */
export async function rehearse() {
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-rehearsal-'));
  const counts = { passed: 0, failed: 0 };
  const expectThat = (what, holds, got) => {
    counts[holds ? 'passed' : 'failed'] += 1;
    process.stdout.write(
      `${holds ? 'ok' : 'FAILED'}: ${what}${holds || got === undefined ? '' : `, got ${JSON.stringify(got)}`}\n`,
    );
  };
  for (const name of ['registry', 'examples']) mkdirSync(join(folder, name));
  const registry = await startRegistry(join(folder, 'registry'));
  try {
    const clone = join(folder, 'clone');
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]);
    for (const [key, value] of [
      ['user.name', 'rehearsal'],
      ['user.email', 'rehearsal@localhost'],
    ])
      git(clone, 'config', key, value);
    execFileSync(process.execPath, ['scripts/setup.mjs'], { cwd: clone, stdio: ['ignore', 'ignore', 'inherit'] });
    const names = publishedPackages(clone).map(({ manifest }) => manifest.name);
    const view = async (name) => JSON.parse(await npm(['view', name, '--json'], folder, registry.env));
    const versions = async () =>
      Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await view(name))['dist-tags'].latest])));
    const weights = names.filter((name) => name.startsWith('@vqkit/weights-'));
    const expectVersions = async (what, shared, ownVersion) => {
      const got = await versions();
      const wrong = names.filter((name) => got[name] !== (weights.includes(name) ? ownVersion : shared));
      expectThat(
        `${what}: ${shared}, weights ${ownVersion}`,
        wrong.length === 0,
        Object.fromEntries(wrong.map((name) => [name, got[name]])),
      );
    };
    const expectTag = (tag, version) => {
      const [manifest, weightsManifest] = ['packages/core', 'packages/weights/photo'].map((path) =>
        JSON.parse(git(clone, 'show', `${tag}:${path}/package.json`)),
      );
      const at = tag.startsWith('v') ? manifest.version : weightsManifest.version;
      expectThat(`the tag ${tag} names a commit that holds ${version}`, at === version, at);
    };

    // the first release, interrupted
    expectThat('version', (await release(clone, 'version', registry.env)).status === 0);
    expectThat('nothing is left uncommitted', git(clone, 'status', '--porcelain') === '');
    const first = read(join(clone, 'packages/core/package.json')).version;
    const cut = await release(clone, 'publish', registry.env, 3);
    expectThat('publishing was killed in the middle', cut.status === 'SIGKILL', cut);
    const rest = await release(clone, 'publish', registry.env);
    expectThat(
      'publishing goes on with the rest',
      rest.status === 0 && rest.published >= 1 && rest.published < names.length,
      rest,
    );
    const again = await release(clone, 'publish', registry.env);
    expectThat('publishing once more does nothing', again.status === 0 && again.published === 0, again);
    await expectVersions('the first release', first, first);
    expectTag(`v${first}`, first);
    expectTag(`@vqkit/weights-photo@${first}`, first);

    // what is in the tarballs
    for (const name of names) {
      const { version, description } = await view(name);
      const tarball = JSON.parse(
        await npm(['pack', `${name}@${version}`, '--json', '--dry-run'], folder, registry.env),
      );
      const files = tarball[0].files.map(({ path }) => path);
      const lacking = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'].filter((file) => !files.includes(file));
      const strange = files.filter(
        (file) => !/^(dist|files|samples)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(file),
      );
      expectThat(
        `${name}: the tarball has what it needs and nothing else`,
        lacking.length + strange.length === 0 && description,
        { lacking, strange },
      );
    }

    // the examples, with their own manifests
    for (const name of readdirSync(join(clone, 'examples'))) {
      const project = join(folder, 'examples', name);
      cpSync(join(clone, 'examples', name), project, { recursive: true });
      await npm(['install', ...quiet], project, registry.env);
      const got = read(join(project, 'node_modules/@vqkit/codec/package.json')).version;
      expectThat(`${name}: installs by its own ranges`, got === first, got);
    }
    const page = readFileSync(join(folder, 'examples/browser-page/index.html'), 'utf8');
    const lost = [...page.matchAll(/"\.\/(node_modules\/[^"]+)"/g)]
      .map(([, file]) => file)
      .filter((file) => {
        try {
          return readFileSync(join(folder, 'examples/browser-page', file)).length === 0;
        } catch {
          return true;
        }
      });
    expectThat('browser-page: everything in its import map is there', lost.length === 0, lost);
    const { stdout } = await execute(process.execPath, ['round-trip.mjs'], {
      cwd: join(folder, 'examples/node-codec'),
    });
    expectThat('node-codec: codes a picture', /^\d+ bytes, 0\.0\d+ bpp, 256×192$/m.test(stdout), stdout);

    // a patch, then a major
    const next = async (level, name, text) => {
      writeFileSync(join(clone, '.changeset', `${level}.md`), `---\n'${name}': ${level}\n---\n\n${text}\n`);
      git(clone, 'add', '--all');
      git(clone, 'commit', '--quiet', '--message', text);
      for (const step of ['version', 'publish'])
        expectThat(`${level}: ${step}`, (await release(clone, step, registry.env)).status === 0);
    };
    const changelog = (path) => readFileSync(join(clone, path, 'CHANGELOG.md'), 'utf8');
    await next('patch', '@vqkit/quantizer-fsq', 'Mended something in fsq.');
    const patched = read(join(clone, 'packages/core/package.json')).version;
    await expectVersions('the patch leaves the weights alone', patched, first);
    expectThat(
      'the changelog tells it',
      changelog('packages/quantizers/fsq').includes(`## ${patched}\n\n### Patch Changes\n\n- `) &&
        changelog('packages/quantizers/fsq').includes('Mended something in fsq.'),
    );
    expectTag(`v${patched}`, patched);
    await next('major', '@vqkit/codec', 'Changed the interface of the codec.');
    const major = read(join(clone, 'packages/core/package.json')).version;
    expectThat('a major release', major === '1.0.0', major);
    await expectVersions('the major', major, first);
    const { dependencies } = await view('@vqkit/codec');
    const ranges = Object.entries(dependencies).filter(([name]) => name.startsWith('@vqkit/'));
    expectThat(
      'packages ask for each other by the new version',
      ranges.length > 0 && ranges.every(([, range]) => range === '^1.0.0'),
      ranges,
    );
    const example = read(join(clone, 'examples/node-codec/package.json')).dependencies;
    expectThat(
      'the examples follow',
      example['@vqkit/codec'] === '^1.0.0' && example['@vqkit/weights-photo'] === `^${first}`,
      example,
    );
    expectTag('v1.0.0', '1.0.0');
  } finally {
    registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, 0 skipped\n`);
  return counts.failed > 0 ? 1 : 0;
}
