/**
 * Installs packed packages into an empty project, as a user of the registry would have them.
 *
 * Tests use it to prove that published packages work: it builds them, packs them with everything of ours that they
 * depend on, and lets npm install the tarballs into a temporary folder. Small dependencies come from npm's cache or the
 * registry; heavy engines (onnxruntime, sharp) are linked from this checkout when named in `link`.
 *
 * @example
 * const project = await packProject({ packages: ['@vqkit/codec'], link: { 'onnxruntime-node': 'packages/backend-onnx' } });
 * const { stdout } = await project.run("import { createCodec } from '@vqkit/codec'; console.log(typeof createCodec);");
 * project.dispose();
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { npmInvocation, pnpmInvocation } from '../scripts/lib/pnpm.mjs';
import { toolEnvironment } from '../scripts/lib/run.mjs';
import { listPackages } from '../scripts/lib/workspace.mjs';
import { oneAtATime } from './one-at-a-time.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);

/** What to install. */
export interface PackProjectOptions {
  /** npm names of our packages, e.g. `@vqkit/codec`; what they need of ours is packed with them. */
  readonly packages: readonly string[];
  /** Third-party packages to link from this checkout: name → folder of the package whose dependency it is. */
  readonly link?: Readonly<Record<string, string>>;
  /** Third-party packages to install: name → version. */
  readonly dependencies?: Readonly<Record<string, string>>;
  /** More fields of the project's manifest. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** An empty project with the packages installed. */
export interface PackedProject {
  /** Its folder. */
  readonly folder: string;
  /** Names of the packages of ours that were installed. */
  readonly packages: readonly string[];
  /** Runs an ES module in the project with plain Node; rejects with its output when it fails. */
  run(source: string): Promise<{ stdout: string; stderr: string }>;
  /** Deletes the folder; idempotent. */
  dispose(): void;
}

/** The named packages and all packages of ours that they depend on at run time. */
function closureOf(names: readonly string[]): { name: string; folder: string }[] {
  const all = new Map(listPackages(root).map(({ folder, manifest }) => [manifest.name, { folder, manifest }]));
  const found = new Map<string, string>();
  const visit = (name: string): void => {
    const entry = all.get(name);
    if (entry === undefined) throw new Error(`packProject: ${name} is no package of this workspace`);
    if (found.has(name)) return;
    found.set(name, entry.folder);
    for (const dependency of Object.keys(entry.manifest.dependencies ?? {})) if (all.has(dependency)) visit(dependency);
  };
  for (const name of names) visit(name);
  return [...found].map(([name, folder]) => ({ name, folder }));
}

/** Runs a program quietly; the error of a failing one carries what it printed. */
async function quietly(command: string, args: readonly string[], cwd: string, shell = false): Promise<string> {
  try {
    return (await execute(command, [...args], { cwd, shell, env: toolEnvironment(), maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** What pnpm says of a tarball. */
interface Packed {
  readonly name: string;
  readonly filename: string;
}

/** Builds packages with what they need, and packs each into `folder`. */
async function packAll(packages: readonly { name: string }[], folder: string): Promise<Map<string, string>> {
  const filters = packages.map(({ name }) => `--filter=${name}`);
  const build = pnpmInvocation(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filters]);
  // Builds empty `dist` first, so two at once would miss each other's files.
  await oneAtATime('build', () => quietly(build.command, build.args, root, build.shell));
  const pack = pnpmInvocation(['--recursive', ...filters, 'pack', '--json', '--pack-destination', folder]);
  const packed = JSON.parse(await quietly(pack.command, pack.args, root, pack.shell)) as Packed | Packed[];
  return new Map([packed].flat().map(({ name, filename }) => [name, filename]));
}

/** Links third-party packages as this checkout has them into the project. */
function linkAll(folder: string, links: Readonly<Record<string, string>>): void {
  for (const [name, owner] of Object.entries(links)) {
    const source = join(root, owner, 'node_modules', name);
    const target = join(folder, 'node_modules', name);
    if (!existsSync(source)) throw new Error(`packProject: ${owner} has no dependency ${name}`);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(realpathSync(source), target, 'junction');
  }
}

/** Packages that are built and packed, ready to be installed any number of times. */
export interface PackedPackages {
  /** Installs some of them, with what they need of ours, into a new temporary project. */
  install(options: PackProjectOptions): Promise<PackedProject>;
  /** Deletes the tarballs; idempotent. */
  dispose(): void;
}

/**
 * Builds and packs packages, with what they need of ours, once.
 *
 * @throws Error with the tool's output when a build or a pack fails.
 */
export async function packPackages(packages: readonly string[]): Promise<PackedPackages> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vqkit-packed-')));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const tarballs = await packAll(closureOf(packages), folder);
    return { install: (options) => install(tarballs, options), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Installs tarballs and third-party packages into a new project. */
async function install(all: ReadonlyMap<string, string>, options: PackProjectOptions): Promise<PackedProject> {
  const { packages, link = {}, dependencies: others, fields } = options;
  const tarballs = new Map(closureOf(packages).map(({ name }) => [name, all.get(name)!]));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vqkit-project-')));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const ours = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
    const dependencies = { ...others, ...ours };
    const manifest = {
      name: 'packed-project',
      version: '1.0.0',
      private: true,
      type: 'module',
      ...fields,
      dependencies,
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
    const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    const npm = npmInvocation(['install', ...quiet]);
    await quietly(npm.command, npm.args, folder, npm.shell);
    linkAll(folder, link);
    const run = (source: string): Promise<{ stdout: string; stderr: string }> =>
      execute(process.execPath, ['--input-type=module', '--eval', source], { cwd: folder });
    return { folder, packages: [...tarballs.keys()], run, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * Builds, packs and installs packages into a new temporary project.
 *
 * @throws Error with the tool's output when a build, a pack or the installation fails.
 */
export async function packProject(options: PackProjectOptions): Promise<PackedProject> {
  const packed = await packPackages(options.packages);
  try {
    return await packed.install(options);
  } finally {
    packed.dispose();
  }
}
