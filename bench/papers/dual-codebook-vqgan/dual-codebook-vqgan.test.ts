import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { dualRows } from '../dual-codebook/rows.ts';
import { photoCells, readPhotoResults, writePhotoResult } from '../shared/photo-pages.ts';
import { type PhotoContext, runPhotoRows } from '../shared/photo-rows.ts';
import { writeNoisePictures } from '../shared/testing/noise-pictures.ts';
import { networkCost, paperCosts } from './costs.ts';
import { costsPage, dualPage } from './pages.ts';
import { type DualRow, dimensionOf, dualVqganRows, quantizerOf } from './rows.ts';
import { type DualNetwork, type DualResult, dualRecipes, withCosts } from './run.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

it('has the rows of the small network with as many bits, and 10 bits alike in one group', () => {
  for (const row of dualVqganRows) {
    const { bitsPerPosition } = quantizerOf(row, dimensionOf(32));
    const small = dualRows.find(({ id }) => id === row.id);
    if (small) expect(small.quantizer().bitsPerPosition, row.id).toBe(bitsPerPosition);
    else expect(row.label).toContain('anchors');
    if (row.group === 'bits') expect(bitsPerPosition).toBe(10);
    expect(row.label).toContain(`(${bitsPerPosition} bits)`);
  }
});

it("counts the paper's sizes: no share of 40 % against VQGAN", () => {
  const costs = paperCosts();
  const { used, trained } = costs['dual 512 + 512']!;
  const vqgan = costs['VQGAN, 1024']!.used;
  // Two tables of 512×128 are half of one of 1024×256, and are searched in half of the multiplications.
  expect(used).toMatchObject({ floats: vqgan.floats / 2, encodeProducts: vqgan.encodeProducts / 2, decodeProducts: 0 });
  expect(trained.floats).toBe(used.floats + 6 * 593_024);
  // Both networks twice as wide: four times the parameters and multiplications, about.
  const [narrow, wide] = [8, 16].map((channels) => networkCost({ channels, dimension: 2 * channels, groups: 8 }));
  expect(wide).toMatchObject({ scale: 16 });
  for (const key of ['parameters', 'encodeProducts', 'decodeProducts'] as const)
    expect(Math.abs(wide![key] / narrow![key] - 4), key).toBeLessThan(0.3);
  const page = costsPage(costs, { parameters: 1e6, encodeProducts: 1e9, decodeProducts: 2e9, scale: 16 });
  expect(page).toMatch(/\| dual 512 \+ 512, folded \| 18 \| 131,072 \| 33,554,432 \| 1,131,072 \| 3,033,554,432 \|/);
  expect(page).toMatch(/folded, against VQGAN, 1024 \| \+80\.00 % \| -50\.00 % \| -50\.00 % \|/);
});

it.skipIf(lacks(lpips))(
  `trains rows, stops and goes on, and shows them${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-dual-'));
    const backend = await onnx();
    try {
      await writeNoisePictures(folder, 3);
      const rows: DualRow[] = [
        { id: 'dual', label: 'dual of 8', group: 'paper', quantizer: 'dual-codebook', codes: 8, follow: 'gradients' },
      ];
      const network: DualNetwork = { width: 8, blocks: 1, delay: 9, rate: 1e-3, multipliers: [1, 1, 2] };
      const lines: string[] = [];
      const context: PhotoContext = {
        ...{ backend, steps: 2, batch: 1, crop: 48, seed: 1, priorPhotos: 1 },
        ...{ data: folder, lpipsWeights: dataPath(lpips) },
        pictures: [{ set: 'made', name: 'a.png', path: join(folder, 'a.png') }],
        runs: join(folder, 'runs'),
        log: (line) => void lines.push(line),
      };
      const run = async (more: Partial<PhotoContext> = {}): Promise<DualResult[]> => {
        const results: DualResult[] = [];
        const own = { ...context, ...more };
        await runPhotoRows(rows, dualRecipes(own, network), own, async (result, of) => {
          results.push(withCosts(result, of, network));
        });
        return results;
      };
      expect(await run({ minutes: 0 })).toEqual([]);
      const results = await run();
      expect(results).toMatchObject([{ row: 'dual', bitsPerPosition: 6, steps: 2 }]);
      for (const { files, heldOut, parameters, cost } of results) {
        expect(Object.values({ ...files, ...heldOut }).every(Number.isFinite)).toBe(true);
        expect(files.entropyBits).toBeLessThanOrEqual(6);
        // What is published is what was counted: tables without the transformer.
        expect(parameters).toBe(cost.network.parameters + cost.quantizer.used.floats);
        expect(cost.quantizer.used.floats).toBe(8 * dimensionOf(8));
      }
      // A second call trains nothing, and measures the same.
      expect(await run()).toEqual(results);

      const place = join(folder, 'results', 'tiny');
      const page = dualPage("'faces'");
      const both = [results[0]!, { ...results[0]!, row: 'single', label: 'one of 8', group: 'bits' }];
      const order = [{ id: 'dual' }, { id: 'single' }];
      for (const result of [...both].reverse())
        await writePhotoResult(place, result, page, 'npm run papers -- dual-codebook-vqgan', order);
      expect(await readPhotoResults(place)).toEqual(both);
      expect(await readFile(`${place}.md`, 'utf8')).toMatch(
        /width 8[\s\S]*at 1\/4[\s\S]*on 'faces': 2 steps of 1 crops of 48²[\s\S]*\| dual of 8 \| 6\.00 \|[\s\S]*## 10 bits[\s\S]*\| one of 8 \|/,
      );
      expect(photoCells(results, page.columns)[0]).toHaveProperty('held-out LPIPS');
    } finally {
      backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
);
