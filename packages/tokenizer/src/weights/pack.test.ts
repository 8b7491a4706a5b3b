import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, cpu, fill, random, tensorsOf } from '@vqkit/core';
import { vqVae } from '@vqkit/models';
import { type DualCodebookOptions, dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { type FsqOptions, fsq } from '@vqkit/quantizer-fsq';
import { type LoocOptions, looc } from '@vqkit/quantizer-looc';
import { product } from '@vqkit/quantizer-product';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Quantizers } from '../autoencoder.ts';
import { openWeights, writeWeights } from '../node.ts';
import { checkManifest, modelIdOf, priorFiles, type WeightsManifest } from './manifest.ts';
import { loadModel } from './model.ts';
import { packWeights, type WeightsFiles, weightsOf } from './pack.ts';

const options = { channels: 1, dimension: 8, hidden: 8, residualHidden: 4, residualBlocks: 1 };
const loocOptions: LoocOptions = { codes: 16, pieces: 4, pieceDimension: 2 };
const manifest = (name: string, of: object): WeightsManifest => ({
  id: 'digits',
  architecture: 'vqvae',
  options,
  quantizer: { name, options: of },
});
const quantizers: Quantizers = {
  looc,
  'dual-codebook': dualCodebook,
  'product of fsq': ({ parts, levels }: FsqOptions & { parts: number }) => product(fsq({ levels }), { parts }),
};

describe('a weights package', () => {
  let backend: Backend;
  let halves: ReturnType<ReturnType<typeof vqVae>['init']>;
  beforeAll(() => {
    backend = cpu();
    halves = vqVae(options).init(backend, 1);
  });
  afterAll(() => backend.dispose());

  const packLooc = (): Promise<WeightsFiles> =>
    packWeights({ manifest: manifest('looc', loocOptions), ...halves, quantizer: looc(loocOptions).init(backend, 2) });

  it('opens as the model that was packed, in memory and as a folder', async () => {
    const files = await packLooc();
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-weights-'));
    await writeWeights(folder, files);
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'weights.safetensors']);
    for (const weights of [weightsOf(files), await openWeights(folder)]) {
      const model = await loadModel(weights, { quantizers });
      expect(model.network).toMatchObject({ dimension: 8, scale: 4, channels: 1 });
      expect(model.rates).toMatchObject([{ codebookSizes: [16, 16, 16, 16], bitsPerPosition: 16 }]);
      expect(tensorsOf(model.encoder)).toEqual([]);
    }
    await rm(folder, { recursive: true });
  });

  it('keeps parameter trees with branches that hold no tensors, and trees that were folded', async () => {
    const parts = { levels: [3, 5], parts: 4 };
    const flat = await packWeights({
      manifest: manifest('product of fsq', parts),
      ...halves,
      quantizer: product(fsq(parts), parts).init(backend, 1),
    });
    const { rates } = await loadModel(weightsOf(flat), { quantizers });
    expect(rates[0]!.codebookSizes).toEqual([15, 15, 15, 15]);
    const dual: DualCodebookOptions = { codes: 4, dimension: 8, transformer: { layers: 1, heads: 2, feedForward: 8 } };
    const own = dualCodebook(dual);
    const folded = own.fold(own.init(backend, 1));
    const files = await packWeights({ manifest: manifest('dual-codebook', dual), ...halves, quantizer: folded });
    expect((await loadModel(weightsOf(files), { quantizers })).rates[0]!.codebookSizes).toEqual([4, 4]);
  });

  it('holds nested codebooks as one rate each', async () => {
    const codebooks = [4, 2].map((size) => random(size).normal(backend, [size, 8]));
    const nested = { id: 'n', architecture: 'vqvae', options, codebookSizes: [2, 4] };
    const files = await packWeights({ manifest: nested, ...halves, codebooks, precision: 'f32' });
    const { rates } = await loadModel(weightsOf(files));
    expect(rates.map(({ bitsPerPosition }) => bitsPerPosition)).toEqual([1, 2]);
    expect(priorFiles(nested)).toEqual(['prior-2.vqp', 'prior-4.vqp']);
    expect(priorFiles({ ...nested, priors: [] })).toEqual([]);
  });

  it('refuses weights that cannot work, and says why', async () => {
    const files = await packLooc();
    const other = async (change: object, table = quantizers): Promise<unknown> => {
      const changed = { ...manifest('looc', loocOptions), ...change };
      return loadModel({ ...weightsOf(files), manifest: changed }, { quantizers: table });
    };
    const cases: readonly [Promise<unknown>, string, RegExp][] = [
      [other({}, {}), 'QUANTIZER_MISSING', /expected 'looc' among the quantizers, got none/],
      [other({ architecture: 'toString' }), 'ARCHITECTURE_MISSING', /'toString'/],
      [other({ architecture: 'tvq-rap' }), 'ARCHITECTURE_MISSING', /got photo-tokenizer.*createUpscaler of @vqkit\/sr/],
      [other({ architecture: 'latent-flow' }), 'ARCHITECTURE_MISSING', /createGenerator of @vqkit\/tokenizer/],
      [other({ options: { ...options, channels: 3 } }), 'WEIGHTS_DAMAGED', /digits/],
      [other({ options: { ...options, residualBlocks: 2 } }), 'WEIGHTS_DAMAGED', /digits/],
      [
        other({ quantizer: { name: 'looc', options: { ...loocOptions, codes: 8 } } }),
        'WEIGHTS_DAMAGED',
        /\[16,2\] instead of \[8,2\]/,
      ],
      [other({ quantizer: undefined, codebookSizes: [4] }), 'WEIGHTS_DAMAGED', /no codebook of 4 codes/],
      [other({ quantizer: undefined }), 'MANIFEST_INVALID', /either codebookSizes or a quantizer/],
      [loadModel(undefined as never), 'MANIFEST_INVALID', /expected a manifest/],
      [weightsOf(files).load('prior-4.vqp'), 'WEIGHTS_DAMAGED', /expected the file 'prior-4.vqp'/],
    ];
    for (const [promise, code, message] of cases) {
      await expect(promise, String(message)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    }
  });

  it('ends whatever sizes a manifest of a stranger asks for in a typed error, before memory is set aside', async () => {
    const files = await packLooc();
    const sizes = [1e9, 2 ** 31, 1e300, -1, 0, 0.5, 2 ** 17, '8', null, [], [1e9], {}, true, 'x'.repeat(1000)];
    for (const [field, names] of [
      ['options', ['channels', 'dimension', 'hidden', 'residualBlocks', 'residualHidden']],
      ['quantizer', ['codes', 'pieces', 'pieceDimension']],
    ] as const) {
      for (const name of names) {
        for (const size of sizes) {
          const changed = { ...(field === 'options' ? options : loocOptions), [name]: size };
          const own = manifest('looc', field === 'options' ? loocOptions : changed);
          const hostile = field === 'options' ? { ...own, options: changed } : own;
          const outcome = await loadModel({ ...weightsOf(files), manifest: hostile }, { quantizers }).then(
            () => 'ok',
            (error: { code?: string; fix?: string }) => (error.fix ? error.code : `untyped: ${String(error)}`),
          );
          expect(outcome, `${name} ${JSON.stringify(size)}`).toMatch(/^(ok|MANIFEST_INVALID|WEIGHTS_DAMAGED)$/);
        }
      }
    }
    const deep = { options: JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`) as object };
    for (const wrong of [deep, { options: { blocks: 2000 } }, { options: { a: new Array(1000).fill(1) } }])
      expect(() => checkManifest({ ...manifest('looc', loocOptions), ...wrong })).toThrow(/expected a manifest with/);
    const large = manifest('looc', { ...loocOptions, codes: 2 ** 18, pieces: 1000 });
    expect(() => checkManifest(large)).toThrow(/a quantizer of at most 67108864 numbers/);
  });

  it('does not hold values that are not finite, before or after rounding to half precision', async () => {
    const quantizer = { codebook: fill(backend, [16, 2], 70_000) };
    const content = { manifest: manifest('looc', loocOptions), ...halves, quantizer };
    await expect(packWeights(content)).rejects.toThrow(/out of the range of f16 in 'quantizer.codebook'/);
    const stored = await packWeights({ ...content, precision: 'f32' });
    expect((await loadModel(weightsOf(stored), { quantizers })).rates).toHaveLength(1);
  });

  it('names a folder that is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-weights-'));
    await expect(openWeights(folder)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
    await writeFile(join(folder, 'manifest.json'), '{');
    await expect(openWeights(folder)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    await rm(folder, { recursive: true });
  });
});

describe('a manifest', () => {
  const good = { id: 'ph-1', architecture: 'photo-tokenizer', options: {}, codebookSizes: [8, 16] };

  it('is refused when a field is not what it should be', () => {
    const wrong = [
      null,
      { ...good, id: '' },
      { ...good, id: 'nine chars' },
      { ...good, id: 'Ä' },
      { ...good, id: 'x ' },
      { ...good, options: [] },
      { ...good, codebookSizes: [16, 8] },
      { ...good, codebookSizes: [] },
      { ...good, codebookSizes: [1.5] },
      { ...good, priors: ['../../etc/passwd'] },
      { ...good, weights: '../../etc/passwd' },
      { ...good, weights: ['weights.safetensors'] },
      { ...good, weights: 'x'.repeat(65) },
      { ...good, codebookSizes: undefined, quantizer: { name: 'vq' } },
      { ...good, predecessors: ['ph-0'] },
      { ...good, predecessors: { 'ph-0': '\u001b[2J' } },
    ];
    for (const value of wrong) expect(() => checkManifest(value), JSON.stringify(value)).toThrow(/expected a manifest/);
    expect(checkManifest(good)).toBe(good);
    expect(() => checkManifest({ ...good, predecessors: { 'ph-0': 'photo@0.0.1' } })).not.toThrow();
  });

  it('gives ids of four or eight bytes', () => {
    const text = (id: string): string => new TextDecoder().decode(modelIdOf({ id }));
    expect([text('ph-1'), text('a'), text('digits')]).toEqual(['ph-1', 'a   ', 'digits  ']);
  });
});
