/**
 * `node scripts/publish-weights.mjs <folder of photo-priors> --id ph-2 [--log <log.jsonl of a stage> …] [--read-by 0.1.0]`: puts new
 * weights into `packages/weights/photo`. Copies the files and the logs, writes manifest, sizes and digests, brings the tables of the README up to
 * date, keeps the prior that the golden file of the old model needs, makes the new golden file, and says what is left to do. With the id that is
 * there already (a better decoder for the same indices) priors must stay as they are, and nothing else may change.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runInNewContext } from 'node:vm';
import { git } from './lib/releases.mjs';
import { root as ownRoot, run, runTypeScript, toolFile } from './lib/run.mjs';

const weightsFolder = 'packages/weights/photo';
const goldenFolder = 'packages/codec/src/fixtures';
const weightsFile = 'weights.safetensors';
const priorFile = (size) => `prior-${size}.vqp`;

/** What the page takes: more is too much for a photo on a phone. */
const largestBytes = 20e6;

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The object in `manifest.ts`. */
const manifestPattern = /(?<=export const manifest = )[\s\S]*(?= as const)/;

/** Parameters of each part of a safetensors file, and its codebooks: `{ encoder, decoder, dimension }`. */
export function partsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + Number(view.getBigUint64(0, true)))));
  const shapes = Object.entries(header).flatMap(([name, { shape }]) => (shape ? [[name, shape]] : []));
  const countOf = (part) =>
    shapes
      .filter(([name]) => name.startsWith(`${part}.`))
      .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const [, [, dimension]] = shapes.find(([name]) => name.startsWith('codebooks.'));
  return { encoder: countOf('encoder'), decoder: countOf('decoder'), dimension };
}

/** The source of `files.ts` with another table. @param files  `[name, bytes]`, in the order of the table. */
export function filesSource(source, files) {
  const entries = files.map(
    ([name, bytes]) =>
      `  '${name}': {\n    url: new URL('../files/${name}', import.meta.url),\n    bytes: ${bytes.length},\n    sha256: '${digestOf(bytes)}',\n  },\n`,
  );
  return source.replace(/(?<=export const files = \{\n)[\s\S]*?(?=\} as const)/, () => entries.join(''));
}

const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const grouped = (count) => count.toLocaleString('en-US');
const millions = (count) => `${(count / 1e6).toFixed(2)} M`;

/** The README with the tables of other weights; what was measured is left as it is. */
export function readmeText(text, files, { id, codebookSizes }) {
  const rows = files.map(([name, bytes]) => {
    const size = name.match(/\d+/)?.[0];
    const what = size ? `what the entropy coder expects of ${size} codes` : 'encoder, decoder and codebooks, f16';
    return `| \`${name}\` | ${grouped(bytes.length)} | ${what} |\n`;
  });
  const { encoder, decoder, dimension } = partsOf(files[0][1]);
  const sizes = [...codebookSizes].reverse();
  const swaps = [
    [/(\| `(weights|prior-\d+)\.\w+` \|.*\n)+/, rows.join('')],
    [/\| encoder \| .*/, `| encoder | ${millions(encoder)} |`],
    [/\| decoder \| .*/, `| decoder | ${millions(decoder)} |`],
    [/\| codebooks \| .*/, `| codebooks | ${sizes[0]}, ${sizes[1]}, … ${sizes.at(-1)} codes of ${dimension} numbers |`],
    [/Model id `[^`]*`/, `Model id \`${id}\``],
    [/codebooks of \d+ to \d+ codes/, `codebooks of ${sizes.at(-1)} to ${sizes[0]} codes`],
  ];
  return swaps.reduce((all, [pattern, value]) => {
    if (!pattern.test(all)) throw new Error(`expected the README to have ${pattern}`);
    return all.replace(pattern, () => value);
  }, text);
}

/** Checks what `photo-priors` published. @returns The files in the order of the tables. */
function readPublished(folder) {
  const { codebookSizes, architecture, options } = readJson(join(folder, 'manifest.json'));
  const names = [weightsFile, ...[...codebookSizes].reverse().map(priorFile)];
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) {
    throw new Error(`expected what vqkit train photo-priors publishes in ${folder}, got none of ${missing.join(', ')}`);
  }
  const files = names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
  const total = files.reduce((sum, [, { length }]) => sum + length, 0);
  if (total > largestBytes) throw new Error(`expected at most ${grouped(largestBytes)} bytes, got ${grouped(total)}`);
  return { files, manifest: { architecture, options, codebookSizes } };
}

/**
 * Puts the files in place and writes all that follows from them.
 *
 * @param {string} from  Folder that `vqkit train photo-priors` published.
 * @param {{ id: string, readBy?: string, logs?: readonly string[], root?: string }} options  `readBy`: the version of the package
 *   that reads files of the model before; default: the version that stands in its manifest.
 * @returns {{ before: string, isNewModel: boolean }}
 */
export function publishWeights(from, { id, readBy, logs = [], root = ownRoot }) {
  const folder = join(root, weightsFolder);
  const before = runInNewContext(`(${readFileSync(join(folder, 'src/manifest.ts'), 'utf8').match(manifestPattern)})`);
  const { files, manifest } = readPublished(from);
  const isNewModel = id !== before.id;
  const isKept = ([name, bytes]) => {
    const old = join(folder, 'files', name);
    return name === weightsFile || (existsSync(old) && readFileSync(old).equals(bytes));
  };
  const changed = files.filter((file) => !isKept(file));
  if (!isNewModel && changed.length > 0) {
    const names = changed.map(([name]) => name).join(', ');
    throw new Error(`expected the priors of '${id}', whose files need them, got others: ${names}; choose a new --id`);
  }
  const { name, version } = readJson(join(folder, 'package.json'));
  const predecessors = { ...before.predecessors, ...(isNewModel && { [before.id]: `${name}@${readBy ?? version}` }) };
  const golden = join(root, goldenFolder);
  if (isNewModel && existsSync(join(golden, `${before.id}.json`))) {
    const { codebookSize } = readJson(join(golden, `${before.id}.json`));
    copyFileSync(join(folder, 'files', priorFile(codebookSize)), join(golden, `${before.id}.vqp`));
  }
  const edit = (file, change) => writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  edit('README.md', (text) => readmeText(text, files, { id, ...manifest }));
  edit('src/files.ts', (source) => filesSource(source, files));
  const json = JSON.stringify({ id, ...manifest, predecessors }, undefined, 2);
  edit('src/manifest.ts', (source) => source.replace(manifestPattern, () => json));
  for (const old of readdirSync(join(folder, 'files'))) rmSync(join(folder, 'files', old));
  for (const [file, bytes] of files) writeFileSync(join(folder, 'files', file), bytes);
  if (logs.length > 0) keepLogs(join(folder, 'training'), logs);
  return { before: before.id, isNewModel };
}

/** Keeps the logs of the stages, numbered, in place of those of the model before; each is named after its folder. */
function keepLogs(folder, logs) {
  const texts = logs.map((file) => [basename(dirname(resolve(file))), readFileSync(file)]);
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder)) if (old.endsWith('.jsonl')) rmSync(join(folder, old));
  texts.forEach(([stage, text], i) => void writeFileSync(join(folder, `${i + 1}-${stage}.jsonl`), text));
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { id: { type: 'string' }, log: { type: 'string', multiple: true }, 'read-by': { type: 'string' } },
  });
  const [from] = positionals;
  if (from === undefined || values.id === undefined) {
    throw new Error(
      'usage: node scripts/publish-weights.mjs <folder of photo-priors> --id <id> [--log <file> …] [--read-by <version>]',
    );
  }
  const options = { id: values.id, readBy: values['read-by'], logs: values.log };
  const { before, isNewModel } = publishWeights(resolve(from), options);
  const biome = [toolFile('@biomejs/biome', 'biome'), 'format', '--write', `${weightsFolder}/src`];
  const statuses = [await run(process.execPath, biome, { stdio: 'ignore' })];
  if (isNewModel) statuses.push(await runTypeScript('packages/codec/src/testing/make-golden-photo.ts', []));
  const mentions = git(ownRoot, 'grep', '-n', '-I', '-F', `\`${before}\``, '--', '*.md', '*.ts').split('\n');
  process.stdout.write(
    `${before} → ${values.id}. Left to do: "New weights" in CONTRIBUTING.md, from step 2. Lines that name the model before:\n`,
  );
  for (const line of mentions) process.stdout.write(`  ${line.slice(0, 160)}\n`);
  return Math.max(...statuses);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return 1;
  });
}
