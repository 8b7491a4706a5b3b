import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { cellsOf, tvqPage } from './pages.ts';
import { rowsOf, type TvqRow, tvqRows } from './rows.ts';
import { runTvqRows } from './run.ts';

const lpips = 'weights/lpips_squeeze_v0.1.safetensors';

it('takes rows and groups with the rows that they start from, in their order', () => {
  const ids = (...names: string[]): string[] => rowsOf(names).map(({ id }) => id);
  expect(ids('all')).toEqual(tvqRows.map(({ id }) => id));
  expect(ids('images-longer')).toEqual(['texture-1024', 'texture-sr', 'images-longer']);
  expect(ids('codebook')).toEqual(['vanilla-1024', 'texture-1024', 'vanilla-sr', 'texture-sr']);
  expect(() => ids('nothing')).toThrow("there is no row or group 'nothing'");
  const positions = new Map(tvqRows.map(({ id }, i) => [id, i]));
  for (const { from } of tvqRows) expect(from === undefined || positions.has(from)).toBe(true);
});

it.skipIf(lacks(lpips))(
  `trains rows, each from the one before, stops and goes on, and draws the tables${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-tvq-'));
    const backend = await onnx();
    try {
      for (const [i, name] of ['a.png', 'b.png', 'c.png', 'd.png'].entries()) {
        const noise = { type: 'gaussian', mean: 90 + 30 * i, sigma: 40 } as const;
        await sharp({ create: { width: 96, height: 64, channels: 3, background: '#888', noise } }).toFile(
          join(folder, name),
        );
      }
      await writeFile(join(folder, 'held-out.txt'), 'c.png\nd.png\n');
      const rows: TvqRow[] = rowsOf(['training', 'residual-2x32']).map((row) =>
        row.from === undefined ? { ...row, options: { ...row.options, codes: 8 } } : row,
      );
      const lines: string[] = [];
      const context = {
        backend,
        steps: { tokenizer: 2, predictor: 1, extra: 1 },
        ...{ data: folder, heldOut: join(folder, 'held-out.txt'), lpipsWeights: dataPath(lpips) },
        ...{ batch: 2, crop: 48, seed: 1, runs: join(folder, 'runs') },
        log: (line: string) => void lines.push(line),
        network: { channels: [8, 8, 8], decoderChannels: [8, 8, 8, 8], blocks: 1 },
        predictor: { channels: [8, 8, 8], blocks: [1, 1, 1] },
      } as const;
      expect(await runTvqRows(rows, { ...context, minutes: 0 })).toEqual([]);
      const results = await runTvqRows(rows, context);
      expect(results.map(({ row, steps }) => [row, steps])).toEqual([
        ['texture-1024', 2],
        ['residual-2x32', 2],
        ['texture-sr', 1],
        ['codes-longer', 1],
        ['images-longer', 1],
      ]);
      for (const { scores, stage } of results) {
        expect(Object.values(scores).every(Number.isFinite)).toBe(true);
        expect(scores.accuracy === undefined).toBe(stage === 'sr-tokenizer');
      }
      // A second call trains nothing and knows the same.
      expect(await runTvqRows(rows, context)).toEqual(results);
      const page = tvqPage(results, 'npm run papers -- tvq-rap');
      expect(page).toMatch(
        /## Tokenizers[\s\S]*\| texture VQ, K = 1024 \| 2 \|[\s\S]*## Super-resolution ×4[\s\S]*RAP/,
      );
      expect(cellsOf(results)[0]!['index accuracy']).toBe('–');
    } finally {
      backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
);
