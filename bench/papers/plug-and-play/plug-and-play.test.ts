import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type NamedQuantizerSpec, photoRecipe, quantizerNames, quantizers } from '@vqkit/training';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { tinyNetwork } from '../../../tooling/tiny-photo.ts';
import { photoCells, readPhotoResults, writePhotoResult } from '../shared/photo-pages.ts';
import { type PhotoContext, type PhotoResult, photoRowsOf, runPhotoRows } from '../shared/photo-rows.ts';
import { writeNoisePictures } from '../shared/testing/noise-pictures.ts';
import { plugPage } from './pages.ts';
import { type PlugRow, plugRows } from './rows.ts';
import { plugRecipes } from './run.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

it('has every quantizer, at equal bits within each group', () => {
  expect(new Set(plugRows.map(({ options }) => options.quantizer))).toEqual(new Set(quantizerNames));
  for (const { id, group, options } of plugRows) {
    // of vq a run's identity has the sizes themselves
    const { identity } = photoRecipe({ data: '-', lpipsWeights: '-', ...options });
    const { name, options: sizes } = (identity?.quantizer ?? { name: 'vq', options }) as NamedQuantizerSpec;
    const { bitsPerPosition } = (quantizers[name] as (sizes: object) => { readonly bitsPerPosition: number })(sizes);
    expect(Math.abs(bitsPerPosition / Number(group) - 1), id).toBeLessThan(0.015);
  }
});

it('takes rows by name and by group, in their order', () => {
  const ids = (...names: string[]): string[] => photoRowsOf(names, plugRows).map(({ id }) => id);
  expect(ids('all')).toEqual(plugRows.map(({ id }) => id));
  expect(ids('fsq-22bit', 'vq-11bit')).toEqual(['vq-11bit', 'fsq-22bit']);
  expect(ids('22')).toHaveLength(6);
  expect(() => ids('33')).toThrow("there is no row or group '33'");
});

it.skipIf(lacks(lpips))(
  `trains rows, stops and goes on, and makes files of pictures${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-plug-'));
    const backend = await onnx();
    try {
      await writeNoisePictures(folder, 4);
      const rows: PlugRow[] = [
        { id: 'vq', label: 'VQ 8', group: '11', options: { quantizer: 'vq', codes: 8, dimension: 4 } },
        { id: 'fsq', label: 'FSQ', group: '11', options: { quantizer: 'fsq', levels: [4, 4] } },
      ];
      const lines: string[] = [];
      const context: PhotoContext = {
        ...{ backend, steps: 3, batch: 2, crop: 48, seed: 1, priorPhotos: 2 },
        ...{ data: folder, heldOut: join(folder, 'held-out.txt'), lpipsWeights: dataPath(lpips) },
        pictures: [{ set: 'made', name: 'a.png', path: join(folder, 'a.png') }],
        runs: join(folder, 'runs'),
        log: (line) => void lines.push(line),
      };
      const run = async (more: Partial<PhotoContext> = {}): Promise<PhotoResult[]> => {
        const results: PhotoResult[] = [];
        const own = { ...context, ...more };
        await runPhotoRows(rows, plugRecipes(own, tinyNetwork), own, async (result) => void results.push(result));
        return results;
      };
      expect(await run({ minutes: 0 })).toEqual([]);
      expect(await run({ signal: AbortSignal.abort() })).toEqual([]);
      const results = await run();
      expect(results.map(({ row, bitsPerPosition }) => [row, bitsPerPosition])).toEqual([
        ['vq', 3],
        ['fsq', 4],
      ]);
      for (const { files, heldOut, parameters, steps } of results) {
        expect(Object.values({ ...files, ...heldOut }).every(Number.isFinite)).toBe(true);
        expect(files.bpp).toBeCloseTo((8 * files.bytes) / (192 * 176), 10);
        expect(files.bitsInFile).toBeCloseTo((8 * files.bytes) / (12 * 11), 10);
        expect(parameters).toBeGreaterThan(5000);
        expect(steps).toBe(3);
      }
      // A second call trains nothing, and measures the same.
      expect(await run()).toEqual(results);

      const place = join(folder, 'results', 'tiny');
      const order = rows.map(({ id }) => ({ id }));
      const write = (result: PhotoResult) =>
        writePhotoResult(place, result, plugPage, 'npm run papers -- plug-and-play', order);
      await write(results[1]!);
      expect(await write(results[0]!)).toEqual(results);
      expect(await readPhotoResults(place)).toEqual(results);
      const page = await readFile(`${place}.md`, 'utf8');
      expect(page).toMatch(
        /3 steps of 2 crops of 48² pixels[\s\S]*tiny\.svg[\s\S]*\| VQ 8 \| 3\.00 \|[\s\S]*\| FSQ \| 4\.00 \|/,
      );
      expect(await readFile(`${place}.svg`, 'utf8')).toMatch(/^<svg[\s\S]*VQ 8/);
      expect(photoCells(results, plugPage.columns).map((cells) => cells['codes used, %'] === '–')).toEqual([
        false,
        true,
      ]);
    } finally {
      backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
);
