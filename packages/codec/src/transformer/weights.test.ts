/** Weights of index transformers from strangers: what they are not is said, with a code, before it costs anything. */
import { cpu, readTree, saveTree, uploadTree } from '@vqkit/core';
import { manifestFile, type WeightsFiles, type WeightsManifest, weightsFile, weightsOf } from '@vqkit/tokenizer';
import { beforeAll, expect, it } from 'vitest';
import { tinyTransformer } from '../../../../tooling/tiny-transformer.ts';
import { mutate } from '../bitstream/testing/mutate.ts';
import { createRandom } from '../bitstream/training/random.ts';
import { tinyWeights } from '../testing/tiny-weights.ts';
import { loadIndexTransformer } from './weights.ts';

let files: WeightsFiles;
let manifest: WeightsManifest;
beforeAll(async () => {
  files = await tinyTransformer(await tinyWeights());
  manifest = JSON.parse(new TextDecoder().decode(files[manifestFile])) as WeightsManifest;
});

/** How loading ends: `fine`, or the code of an error that has one and an advice. */
async function outcomeOf(changed: WeightsFiles): Promise<string> {
  try {
    await loadIndexTransformer(weightsOf(changed));
    return 'fine';
  } catch (error) {
    const { code, fix, message } = error as { code?: unknown; fix?: unknown; message: string };
    return typeof code === 'string' && typeof fix === 'string' ? code : `untyped: ${message}`;
  }
}

const withManifest = (change: object): WeightsFiles => ({
  ...files,
  [manifestFile]: new TextEncoder().encode(JSON.stringify({ ...manifest, ...change })),
});

it.each([
  ['nothing', {}, 'fine'],
  ['another architecture', { architecture: 'photo-tokenizer' }, 'MODEL_MISMATCH'],
  ['no tokenizer', { tokenizer: undefined }, 'MODEL_MISMATCH'],
  ['a tokenizer that is no name', { tokenizer: 7 }, 'MANIFEST_INVALID'],
  ['a codebook that is not there', { codebookSizes: [3] }, 'WEIGHTS_DAMAGED'],
  ['codebooks without end', { codebookSizes: [4, 2 ** 52] }, 'WEIGHTS_DAMAGED'],
  ['no codebooks', { codebookSizes: [] }, 'MANIFEST_INVALID'],
  ['a width of nothing', { options: { dimension: 8, width: 0, blocks: 1, heads: 1 } }, 'WEIGHTS_DAMAGED'],
  ['another width', { options: { dimension: 8, width: 24, blocks: 2, heads: 2 } }, 'WEIGHTS_DAMAGED'],
  ['heads that do not divide it', { options: { dimension: 8, width: 16, blocks: 2, heads: 3 } }, 'WEIGHTS_DAMAGED'],
  ['no options', { options: {} }, 'WEIGHTS_DAMAGED'],
  ['options of other types', { options: { dimension: '8', width: [], blocks: null } }, 'WEIGHTS_DAMAGED'],
  ['blocks without end', { options: { dimension: 8, width: 16, blocks: 1e9, heads: 2 } }, 'MANIFEST_INVALID'],
  ['a width without end', { options: { dimension: 8, width: 1e12, blocks: 2, heads: 2 } }, 'MANIFEST_INVALID'],
])('a manifest with %s', async (_, change, expected) => {
  expect(await outcomeOf(withManifest(change))).toBe(expected);
});

it('refuses tensors that are missing, of other shapes or types, or not finite', async () => {
  const { tree } = await readTree(files[weightsFile]!);
  const { encoder, codebooks } = tree as Record<
    string,
    Record<string, { data: Float32Array; shape: number[]; dtype: 'f32' }>
  >;
  const backend = cpu();
  const changed = async (parts: object): Promise<string> =>
    outcomeOf({ ...files, [weightsFile]: await saveTree(uploadTree(backend, parts as never)) });
  const [[size, book]] = Object.entries(codebooks!) as [
    [string, { data: Float32Array; shape: number[]; dtype: 'f32' }],
  ];
  const books = (other: object): object => ({ encoder, codebooks: { ...codebooks, [size]: { ...book, ...other } } });
  expect(await changed({ encoder, codebooks })).toBe('fine');
  expect(await changed({ codebooks })).toBe('WEIGHTS_DAMAGED');
  expect(await changed({ encoder })).toBe('WEIGHTS_DAMAGED');
  expect(await changed(books({ shape: [book.data.length], data: book.data }))).toBe('WEIGHTS_DAMAGED');
  expect(await changed(books({ data: new Uint8Array(book.data.length), dtype: 'u8' }))).toBe('WEIGHTS_DAMAGED');
  expect(await changed(books({ data: book.data.map(() => Number.NaN) }))).toBe('WEIGHTS_DAMAGED');
});

it('ends every altered file in a model or a typed error', async () => {
  for (let i = 0; i < 300; i++) {
    const random = createRandom(i);
    const name = i % 2 === 0 ? manifestFile : weightsFile;
    const changed = { ...files, [name]: mutate(files[name]!, random, random.below(6), Object.values(files)) };
    expect(await outcomeOf(changed), `${i}`).not.toMatch(/^untyped/);
  }
});
