import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { tinyNetwork } from '../../../tooling/tiny-photo.ts';
import { readPhotoResults, writePhotoResult } from '../shared/photo-pages.ts';
import { type PhotoContext, type PhotoResult, runPhotoRows } from '../shared/photo-rows.ts';
import { writeNoisePictures } from '../shared/testing/noise-pictures.ts';
import { ideasPage } from './pages.ts';
import { type FirstRow, type IdeaRow, ideaRows } from './rows.ts';
import { ideaRecipes } from './run.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

it('changes one thing in each row of the first stage, and has the rows that others go on from before these', () => {
  const isFirst = (row: IdeaRow): row is FirstRow => row.group === 'stage-1';
  const [base, ...others] = ideaRows.filter(isFirst).map(({ options }) => options as Record<string, unknown>);
  for (const options of others)
    expect(Object.keys(options).filter((key) => options[key] !== base![key])).toHaveLength(1);
  const ids = ideaRows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [i, row] of ideaRows.entries())
    if (row.group === 'decoder') expect(ids.slice(0, i), row.id).toContain(row.from);
});

it.skipIf(lacks(lpips))(
  `trains rows, later ones on from others, and shows what was held out${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-ideas-'));
    const backend = await onnx();
    try {
      await writeNoisePictures(folder, 4);
      const rows = ['base', 'rates', 'conditioned'].map((id): IdeaRow => {
        const row = ideaRows.find((own) => own.id === id)!;
        return row.group === 'stage-1' ? { ...row, options: { ...row.options, codes: 16, dimension: 4 } } : row;
      });
      const context: PhotoContext = {
        ...{ backend, steps: 2, batch: 3, crop: 48, seed: 1, priorPhotos: 2 },
        ...{ data: folder, heldOut: join(folder, 'held-out.txt'), lpipsWeights: dataPath(lpips) },
        pictures: [{ set: 'made', name: 'a.png', path: join(folder, 'a.png') }],
        runs: join(folder, 'runs'),
        log: () => {},
      };
      const recipeOf = ideaRecipes(context, tinyNetwork);
      await expect(recipeOf(rows[1]!)).rejects.toThrow("the finished run of 'base'");
      const results: PhotoResult[] = [];
      await runPhotoRows(rows, recipeOf, context, async (result) => void results.push(result));
      expect(results.map(({ row, bitsPerPosition }) => [row, bitsPerPosition])).toEqual(rows.map(({ id }) => [id, 4]));
      for (const { heldOut } of results) {
        expect(Object.keys(heldOut)).toEqual(expect.arrayContaining(['lpips', 'msSsim', 'psnr', 'frechet']));
        expect(Object.values(heldOut).every(Number.isFinite)).toBe(true);
      }
      const place = join(folder, 'results', 'tiny');
      for (const result of [...results].reverse())
        await writePhotoResult(place, result, ideasPage, 'npm run papers', ideaRows);
      expect((await readPhotoResults(place)).map(({ row }) => row)).toEqual(['base', 'rates', 'conditioned']);
      expect(await readFile(`${place}.md`, 'utf8')).toMatch(
        /2 steps of 3 crops of 48²[\s\S]*## Everything[\s\S]*\| Muon[\s\S]*## The decoder alone[\s\S]*\| codebooks of all sizes/,
      );
    } finally {
      backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
);
