/** New weights take the place of the old in a copy of the package, with tiny files. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root as repositoryFolder } from './lib/run.mjs';
import { publishWeights } from './publish-weights.mjs';

const packageFolder = 'packages/weights/photo';
const fixtures = 'packages/codec/src/fixtures';
const sizes = [8, 16, 4096];

/** A safetensors file with these shapes and no values. */
function safetensors(shapes) {
  const header = Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F16', shape, data_offsets: [0, 0] }]);
  const json = Buffer.from(JSON.stringify({ __metadata__: { network: '{}' }, ...Object.fromEntries(header) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

describe('publishWeights', () => {
  let folder;
  let from;
  const at = (...parts) => join(folder, ...parts);
  const read = (path) => readFileSync(at(packageFolder, path), 'utf8');
  /** The object that a source exports as `name`. */
  const exported = (path, name, scope = {}) => {
    const [text] = read(path).match(new RegExp(`(?<=export const ${name} = )[\\s\\S]*?(?= as const)`));
    return runInNewContext(`(${text.replaceAll('import.meta.url', "'file:///'")})`, { URL, ...scope });
  };

  const before = runInNewContext(
    `(${readFileSync(join(repositoryFolder, packageFolder, 'src/manifest.ts'), 'utf8').match(/(?<=manifest = )[\s\S]*(?= as const)/)})`,
  );
  const { codebookSize } = JSON.parse(readFileSync(join(repositoryFolder, fixtures, `${before.id}.json`), 'utf8'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vqkit-publish-'));
    for (const path of ['src', 'README.md', 'package.json', 'training'])
      cpSync(join(repositoryFolder, packageFolder, path), at(packageFolder, path), { recursive: true });
    cpSync(join(repositoryFolder, fixtures), at(fixtures), { recursive: true });
    mkdirSync(at(packageFolder, 'files'));
    for (const [name, text] of [
      [`prior-${codebookSize}.vqp`, 'old prior'],
      ['weights.safetensors', 'old'],
    ])
      writeFileSync(at(packageFolder, 'files', name), text);
    from = at('run/priors');
    mkdirSync(from, { recursive: true });
    const shapes = { 'encoder.a.filter': [10, 200, 1000], 'decoder.a.filter': [5000, 1000], 'codebooks.8': [8, 16] };
    writeFileSync(join(from, 'weights.safetensors'), safetensors(shapes));
    for (const size of sizes) writeFileSync(join(from, `prior-${size}.vqp`), `prior of ${size}`);
    const manifest = {
      id: '0a1b2c3d',
      architecture: 'photo-tokenizer',
      options: { dimension: 16 },
      codebookSizes: sizes,
    };
    writeFileSync(join(from, 'manifest.json'), JSON.stringify({ ...manifest, priors: ['prior-8.vqp'] }));
    const logs = at('run/photo');
    mkdirSync(logs);
    writeFileSync(join(logs, 'log.jsonl'), '{"step":1}\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('copies the files, and writes their sizes and digests, the manifest and the tables', () => {
    publishWeights(from, { id: 'ph-9', readBy: '0.4.0', root: folder, logs: [at('run/photo/log.jsonl')] });
    const names = ['weights.safetensors', 'prior-4096.vqp', 'prior-16.vqp', 'prior-8.vqp'];
    expect(readdirSync(at(packageFolder, 'files')).sort()).toEqual([...names].sort());
    const priors = exported('src/priors.ts', 'priors');
    const files = exported('src/files.ts', 'files', { priors });
    expect(Object.keys(files)).toEqual(names);
    for (const name of names) {
      const bytes = readFileSync(at(packageFolder, 'files', name));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(files[name]).toMatchObject({ bytes: bytes.length, sha256 });
      expect(read('src/files.ts') + read('src/priors.ts')).toContain(`new URL('../files/${name}', import.meta.url)`);
    }
    expect(exported('src/manifest.ts', 'manifest')).toEqual({
      id: 'ph-9',
      architecture: 'photo-tokenizer',
      options: { dimension: 16 },
      codebookSizes: sizes,
      predecessors: { ...before.predecessors, [before.id]: '@vqkit/weights-photo@0.4.0' },
    });
    const page = read('README.md');
    expect(page).toContain('| `prior-4096.vqp` | 13 | what the entropy coder expects of 4096 codes |');
    expect(page).not.toContain('`prior-2048.vqp`');
    expect(page).toContain(
      '| encoder | 2.00 M |\n| decoder | 5.00 M |\n| codebooks | 4096, 16, … 8 codes of 16 numbers |',
    );
    expect(page).toContain('Model id `ph-9`');
    expect(page).toContain('codebooks of 8 to 4096 codes');
    expect(readdirSync(at(packageFolder, 'training')).filter((name) => name.endsWith('.jsonl'))).toEqual([
      '1-photo.jsonl',
    ]);
  });

  it('keeps the prior without which the golden file of the model before cannot be read', () => {
    writeFileSync(at(packageFolder, 'files', `prior-${codebookSize}.vqp`), 'the prior that it needs');
    publishWeights(from, { id: 'ph-9', root: folder });
    expect(readFileSync(at(fixtures, `${before.id}.vqp`), 'utf8')).toBe('the prior that it needs');
  });

  it('lets a better decoder keep the id only with the same priors', () => {
    const same = { id: before.id, root: folder };
    expect(() => publishWeights(from, same)).toThrow(
      /expected the priors of '.*', whose files need them, got others: prior-4096/,
    );
    for (const size of sizes) cpSync(join(from, `prior-${size}.vqp`), at(packageFolder, 'files', `prior-${size}.vqp`));
    const golden = 'packages/codec/src/testing/make-golden-photo.ts';
    const kept = { before: before.id, id: before.id, isNewModel: false, folder: packageFolder, golden };
    expect(publishWeights(from, same)).toEqual(kept);
    expect(exported('src/manifest.ts', 'manifest').predecessors).toEqual(before.predecessors);
  });

  it('puts a transformer into its package under the id that is there, whatever it was trained as', () => {
    const folderOf = 'packages/weights/photo-transformer';
    for (const path of ['src', 'README.md', 'package.json'])
      cpSync(join(repositoryFolder, folderOf, path), at(folderOf, path), { recursive: true });
    const fields = {
      architecture: 'index-transformer',
      options: { width: 8 },
      codebookSizes: [4, 16],
      tokenizer: 'ph-9',
    };
    const trained = at('run/transformer');
    mkdirSync(trained);
    writeFileSync(join(trained, 'manifest.json'), JSON.stringify({ id: '0a1b2c3d', ...fields, priors: [] }));
    const bytes = safetensors({ 'encoder.a': [3, 1000, 1000], 'codebooks.4': [4, 24] });
    writeFileSync(join(trained, 'weights.safetensors'), bytes);
    const idBefore = readFileSync(at(folderOf, 'src/manifest.ts'), 'utf8').match(/id: '(.*)'/)[1];
    const outcome = publishWeights(trained, { root: folder });
    expect(outcome).toMatchObject({ id: idBefore, isNewModel: false, folder: folderOf });
    expect(readFileSync(at(folderOf, 'files/weights.safetensors')).equals(bytes)).toBe(true);
    const source = readFileSync(at(folderOf, 'src/manifest.ts'), 'utf8');
    expect(runInNewContext(`(${source.match(/(?<=manifest = )[\s\S]*(?= as const)/)})`)).toEqual({
      id: idBefore,
      ...fields,
    });
    const page = readFileSync(at(folderOf, 'README.md'), 'utf8');
    expect(page).toContain('| transformer | 3.00 M |\n| codebooks | those of `ph-9`: 4, 16 codes |');
    expect(publishWeights(trained, { root: folder, id: 'ph-9-it' })).toMatchObject({ id: 'ph-9-it', isNewModel: true });
  });

  it('puts super-resolution into the package of its id, which it keeps', () => {
    const folderOfSr = 'packages/weights/sr-x4';
    for (const path of ['src', 'README.md', 'package.json'])
      cpSync(join(repositoryFolder, folderOfSr, path), at(folderOfSr, path), { recursive: true });
    const quantizer = { name: 'vq', options: { codes: 512, dimension: 24 } };
    const manifest = { id: 'sr-x4', architecture: 'tvq-rap', options: { model: { dimension: 24 } }, quantizer };
    const trained = at('run/sr-rap');
    mkdirSync(trained);
    writeFileSync(join(trained, 'manifest.json'), JSON.stringify(manifest));
    const shapes = { 'encoder.a': [3, 1000, 1000], 'decoder.a': [1, 1e6], 'quantizer.codebook': [512, 24] };
    const bytes = safetensors(shapes);
    writeFileSync(join(trained, 'weights.safetensors'), bytes);
    writeFileSync(join(trained, 'log.jsonl'), '{"step":1}\n');
    const outcome = publishWeights(trained, { root: folder, logs: [join(trained, 'log.jsonl')] });
    expect(outcome).toMatchObject({ id: 'sr-x4', isNewModel: false, folder: folderOfSr });
    expect(readFileSync(at(folderOfSr, 'files/weights.safetensors')).equals(bytes)).toBe(true);
    expect(readFileSync(at(folderOfSr, 'training/1-sr-rap.jsonl'), 'utf8')).toBe('{"step":1}\n');
    const source = readFileSync(at(folderOfSr, 'src/manifest.ts'), 'utf8');
    expect(runInNewContext(`(${source.match(/(?<=manifest = )[\s\S]*(?= as const)/)})`)).toEqual(manifest);
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(readFileSync(at(folderOfSr, 'src/files.ts'), 'utf8')).toContain(`sha256: '${digest}'`);
    const page = readFileSync(at(folderOfSr, 'README.md'), 'utf8');
    expect(page).toContain(
      '| predictor | 3.00 M |\n| decoder and structure | 1.00 M |\n| texture codes | 512 codes of 24 numbers |',
    );
    const other = { ...manifest, id: 'sr-real' };
    writeFileSync(join(trained, 'manifest.json'), JSON.stringify(other));
    expect(() => publishWeights(trained, { root: folder })).toThrow(/expected --id to be sr-x4, .* got 'sr-real'/);
    const folderOfOther = 'packages/weights/of-other';
    cpSync(at(folderOfSr), at(folderOfOther), { recursive: true });
    rmSync(at(folderOfOther, 'files'), { recursive: true });
    writeFileSync(
      at(folderOfOther, 'src/manifest.ts'),
      source.replace("'sr-x4'", "'sr-real'").replace('"sr-x4"', '"sr-real"'),
    );
    expect(publishWeights(trained, { root: folder })).toMatchObject({ id: 'sr-real', folder: folderOfOther });
    expect(readFileSync(at(folderOfOther, 'files/weights.safetensors')).equals(bytes)).toBe(true);
    expect(readFileSync(at(folderOfSr, 'src/manifest.ts'), 'utf8')).toBe(source);
    writeFileSync(join(trained, 'manifest.json'), JSON.stringify(manifest));
    expect(publishWeights(trained, { id: 'sr-real', root: folder })).toMatchObject({ folder: folderOfOther });
    writeFileSync(join(trained, 'weights.safetensors'), new Uint8Array(13e6));
    expect(() => publishWeights(trained, { root: folder })).toThrow(/expected at most 12,000,000 bytes/);
    writeFileSync(join(trained, 'manifest.json'), JSON.stringify({ ...manifest, architecture: 'latent-flow' }));
    expect(() => publishWeights(trained, { root: folder })).toThrow(
      /expected weights of photo-tokenizer, index-transformer or tvq-rap/,
    );
    expect(() => publishWeights(from, { root: folder })).toThrow(/expected --id/);
  });

  it('changes nothing where a file is missing or there is too much', () => {
    rmSync(join(from, 'prior-16.vqp'));
    expect(() => publishWeights(from, { id: 'ph-9', root: folder })).toThrow(/got none of prior-16\.vqp/);
    writeFileSync(join(from, 'prior-16.vqp'), new Uint8Array(20e6));
    expect(() => publishWeights(from, { id: 'ph-9', root: folder })).toThrow(/expected at most 20,000,000 bytes/);
    expect(read('src/manifest.ts')).toContain(`id: '${before.id}'`);
    expect(readFileSync(at(packageFolder, 'files/weights.safetensors'), 'utf8')).toBe('old');
  });
});
