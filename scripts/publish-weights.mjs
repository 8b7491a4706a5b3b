/**
 * `node scripts/publish-weights.mjs <folder that was trained> [--id ph-2] [--log <log.jsonl of a stage> …] [--read-by 0.1.0]`: puts new weights
 * into the package of their architecture: what `photo-priors` published into `packages/weights/photo`, what `index-transformer` published into
 * `packages/weights/photo-transformer`, what `sr-rap` published into the one of its `id`. Copies the files and the logs, writes manifest, sizes and digests, brings the tables of the README up to date, makes the golden
 * file, and says what is left to do.
 *
 * Files are coded by the photo tokenizer: it needs an `--id`, the prior that the golden file of the old model needs is kept, and with the
 * id that is there already (a better decoder for the same indices) priors must stay as they are, and nothing else may change.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { runInNewContext } from 'node:vm';
import { git } from './lib/releases.mjs';
import { root as ownRoot, run, runTypeScript, toolFile } from './lib/run.mjs';

const goldenFolder = 'packages/codec/src/fixtures';
const weightsFolder = 'packages/weights';
const weightsFile = 'weights.safetensors';
const priorFile = (size) => `prior-${size}.vqp`;
const descending = ({ codebookSizes }) => [...codebookSizes].reverse();

/** The kinds of packages, by the architecture in a manifest. */
const kinds = {
  'photo-tokenizer': {
    recipe: 'photo-priors',
    isCoding: true, // files name the id
    isAlone: true,
    largestBytes: 20e6, // what the page takes: more is too much for a photo on a phone
    golden: 'packages/codec/src/testing/make-golden-photo.ts',
    namesOf: (manifest) => descending(manifest).map(priorFile),
    fieldsOf: ({ options, codebookSizes }) => ({ options, codebookSizes }),
    rowsOf: ({ parts, manifest }) => {
      const sizes = descending(manifest);
      const { encoder, decoder, codebooks } = parts;
      return {
        files: (name) => {
          const size = name.match(/\d+/)?.[0];
          return size ? `what the entropy coder expects of ${size} codes` : 'encoder, decoder and codebooks, f16';
        },
        parts: [
          ['encoder', millions(encoder.count)],
          ['decoder', millions(decoder.count)],
          ['codebooks', `${sizes[0]}, ${sizes[1]}, … ${sizes.at(-1)} codes of ${codebooks.dimension} numbers`],
        ],
        words: [[/codebooks of \d+ to \d+ codes/, `codebooks of ${sizes.at(-1)} to ${sizes[0]} codes`]],
      };
    },
  },
  'index-transformer': {
    recipe: 'index-transformer',
    isAlone: true, // one package, whatever they were trained as
    largestBytes: 12e6,
    namesOf: () => [],
    fieldsOf: ({ options, codebookSizes, tokenizer }) => ({ options, codebookSizes, tokenizer }),
    rowsOf: ({ parts, manifest }) => ({
      files: () => 'transformer, and the codes that it knows, f16',
      parts: [
        ['transformer', millions(parts.encoder.count)],
        ['codebooks', `those of \`${manifest.tokenizer}\`: ${manifest.codebookSizes.join(', ')} codes`],
      ],
      words: [],
    }),
  },
  'tvq-rap': {
    recipe: 'sr-rap',
    largestBytes: 12e6,
    golden: 'packages/sr/src/testing/make-golden-sr.ts',
    namesOf: () => [],
    fieldsOf: ({ options, quantizer }) => ({ options, quantizer }),
    rowsOf: ({ parts, manifest }) => ({
      files: () => 'predictor, decoder and texture codes, f16',
      parts: [
        ['predictor', millions(parts.encoder.count)],
        ['decoder and structure', millions(parts.decoder.count)],
        [
          'texture codes',
          `${manifest.quantizer.options.codes} codes of ${manifest.quantizer.options.dimension} numbers`,
        ],
      ],
      words: [],
    }),
  },
};

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The object in `manifest.ts`. */
const manifestPattern = /(?<=export const manifest = )[\s\S]*(?= as const)/;

/** Parameters of each part of a safetensors file, and the last axis of its first tensor: `{ encoder: { count, dimension }, … }`. */
export function partsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + Number(view.getBigUint64(0, true)))));
  const parts = {};
  for (const [name, { shape }] of Object.entries(header)) {
    if (shape === undefined) continue;
    const part = name.split('.')[0];
    parts[part] ??= { count: 0, dimension: shape.at(-1) };
    parts[part].count += shape.reduce((a, b) => a * b, 1);
  }
  return parts;
}

/** The source of a table of files with others; what it spreads stays. @param files  `[name, bytes]`, in the order of the table. */
export function filesSource(source, files) {
  const entries = files.map(
    ([name, bytes]) =>
      `  '${name}': {\n    url: new URL('../files/${name}', import.meta.url),\n    bytes: ${bytes.length},\n    sha256: '${digestOf(bytes)}',\n  },\n`,
  );
  return source.replace(/(?<=export const \w+ = \{\n)[\s\S]*?(?= {2}\.\.\.|\} as const)/, () => entries.join(''));
}

const digestOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const grouped = (count) => count.toLocaleString('en-US');
const millions = (count) => `${(count / 1e6).toFixed(2)} M`;

/** The README with the tables of other weights; what was measured is left as it is. */
export function readmeText(text, files, { id, ...manifest }) {
  const { rowsOf } = kinds[manifest.architecture];
  const rows = rowsOf({ parts: partsOf(files[0][1]), manifest });
  const fileRows = files.map(([name, bytes]) => `| \`${name}\` | ${grouped(bytes.length)} | ${rows.files(name)} |\n`);
  const swaps = [
    [/(\| `(weights|prior-\d+)\.\w+` \|.*\n)+/, fileRows.join('')],
    ...rows.parts.map(([part, what]) => [new RegExp(`\\| ${part} \\| .*`), `| ${part} | ${what} |`]),
    [/Model id `[^`]*`/, `Model id \`${id}\``],
    ...rows.words,
  ];
  return swaps.reduce((all, [pattern, value]) => {
    if (!pattern.test(all)) throw new Error(`expected the README to have ${pattern}`);
    return all.replace(pattern, () => value);
  }, text);
}

/** Checks what a recipe published. @returns The files in the order of the tables. */
function readPublished(folder) {
  const { id, architecture, ...published } = readJson(join(folder, 'manifest.json'));
  const kind = Object.hasOwn(kinds, architecture) ? kinds[architecture] : undefined;
  if (kind === undefined) {
    const known = Object.keys(kinds)
      .join(', ')
      .replace(/, (?=[^,]*$)/, ' or ');
    throw new Error(`expected weights of ${known} in ${folder}, got '${architecture}'`);
  }
  const { recipe, largestBytes, namesOf, fieldsOf } = kind;
  const names = [weightsFile, ...namesOf(published)];
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) {
    throw new Error(`expected what vqkit train ${recipe} publishes in ${folder}, got none of ${missing.join(', ')}`);
  }
  const files = names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
  const total = files.reduce((sum, [, { length }]) => sum + length, 0);
  if (total > largestBytes) throw new Error(`expected at most ${grouped(largestBytes)} bytes, got ${grouped(total)}`);
  return { kind, files, id, manifest: { architecture, ...fieldsOf(published) } };
}

/** The manifest of a package. */
const manifestOf = (folder) =>
  runInNewContext(`(${readFileSync(join(folder, 'src/manifest.ts'), 'utf8').match(manifestPattern)})`);

/**
 * The package of this architecture, relative to the root, and the manifest that it has; of several the one of this id. Where there is
 * one, the id may be a new one.
 *
 * @throws Error for an id that none has.
 */
function packageFor(root, { id, architecture, isAlone }) {
  const found = readdirSync(join(root, weightsFolder))
    .filter((name) => existsSync(join(root, weightsFolder, name, 'src/manifest.ts')))
    .map((name) => ({ folder: `${weightsFolder}/${name}`, before: manifestOf(join(root, weightsFolder, name)) }))
    .filter(({ before }) => before.architecture === architecture);
  const target = isAlone ? found[0] : found.find(({ before }) => before.id === id);
  if (target) return target;
  const known = found.map(({ before }) => before.id).join(' or ');
  throw new Error(`expected --id to be ${known}, the weights that have a package of '${architecture}', got '${id}'`);
}

/**
 * Versions that read files of the models before, once `id` takes the place of one; keeps the prior that its golden file needs. Weights by which no file
 * is coded have none.
 *
 * @throws Error for the id that is there already with other priors.
 */
function predecessorsOf(folder, { id, before, files, readBy, root }) {
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
  const golden = join(root, goldenFolder, `${before.id}.json`);
  if (isNewModel && existsSync(golden)) {
    const prior = join(folder, 'files', priorFile(readJson(golden).codebookSize));
    copyFileSync(prior, join(root, goldenFolder, `${before.id}.vqp`));
  }
  const { name, version } = readJson(join(folder, 'package.json'));
  return { ...before.predecessors, ...(isNewModel && { [before.id]: `${name}@${readBy ?? version}` }) };
}

/**
 * Puts the files in place and writes all that follows from them.
 *
 * @param {string} from  Folder that `vqkit train photo-priors`, `index-transformer` or `sr-rap` published.
 * @param {{ id?: string, readBy?: string, logs?: readonly string[], root?: string }} options  `id`: default the one that was published, needed where
 *   files are coded; `readBy`: the version of the package that reads files of the model before; default: the version that stands in its manifest.
 * @returns {{ before: string, id: string, isNewModel: boolean, folder: string, golden: string }} `folder` is relative to the root.
 */
export function publishWeights(from, { id: named, readBy, logs = [], root = ownRoot }) {
  const { kind, files, id: published, manifest } = readPublished(from);
  const { isCoding, isAlone } = kind;
  if (isCoding && named === undefined) throw new Error('expected --id: it is written into every file');
  const { folder: target, before } = packageFor(root, {
    id: named ?? published,
    architecture: manifest.architecture,
    isAlone,
  });
  const id = named ?? (isAlone ? before.id : published);
  const folder = join(root, target);
  const predecessors = isCoding && predecessorsOf(folder, { id, before, files, readBy, root });
  const edit = (file, change) => writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  edit('README.md', (text) => readmeText(text, files, { id, ...manifest }));
  const [weights, ...priors] = files;
  edit('src/files.ts', (source) => filesSource(source, [weights]));
  if (priors.length > 0) edit('src/priors.ts', (source) => filesSource(source, priors));
  const json = JSON.stringify({ id, ...manifest, ...(predecessors && { predecessors }) }, undefined, 2);
  edit('src/manifest.ts', (source) => source.replace(manifestPattern, () => json));
  rmSync(join(folder, 'files'), { recursive: true, force: true });
  mkdirSync(join(folder, 'files'));
  for (const [file, bytes] of files) writeFileSync(join(folder, 'files', file), bytes);
  if (logs.length > 0) keepLogs(join(folder, 'training'), logs);
  return { before: before.id, id, isNewModel: id !== before.id, folder: target, golden: kind.golden };
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
  if (from === undefined) {
    throw new Error(
      'usage: node scripts/publish-weights.mjs <folder of photo-priors, index-transformer or sr-rap> [--id <id>] [--log <file> …] [--read-by <version>]',
    );
  }
  const options = { id: values.id, readBy: values['read-by'], logs: values.log };
  const { before, id, isNewModel, folder, golden } = publishWeights(resolve(from), options);
  const biome = [toolFile('@biomejs/biome', 'biome'), 'format', '--write', `${folder}/src`];
  const statuses = [await run(process.execPath, biome, { stdio: 'ignore' })];
  if (golden === kinds['photo-tokenizer'].golden)
    statuses.push(
      await runTypeScript('tooling/int8-weights.ts', ['--publish'], { stdio: ['inherit', 'ignore', 'inherit'] }),
    );
  // what a better decoder changes is no part of the golden file of the codec; that of super-resolution is pixels
  if (golden !== undefined && (isNewModel || golden !== kinds['photo-tokenizer'].golden))
    statuses.push(await runTypeScript(golden, [basename(folder)]));
  process.stdout.write(`${before} → ${id} in ${folder}. Left to do: "New weights" in CONTRIBUTING.md, from step 2.\n`);
  if (isNewModel) {
    process.stdout.write('Lines that name the model before:\n');
    const mentions = git(ownRoot, 'grep', '-n', '-I', '-F', `\`${before}\``, '--', '*.md', '*.ts').split('\n');
    for (const line of mentions) process.stdout.write(`  ${line.slice(0, 160)}\n`);
  }
  return Math.max(...statuses);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    return 1;
  });
}
