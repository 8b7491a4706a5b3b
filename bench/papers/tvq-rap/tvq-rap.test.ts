import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnx } from '@vqkit/backend-onnx';
import { expect, it } from 'vitest';
import { dataPath, lacks } from '../../../tooling/shared-data.ts';
import { writeNoisePictures } from '../shared/testing/noise-pictures.ts';
import { cellsOf, writeTvqPages } from './pages.ts';
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
      await writeNoisePictures(folder, 4);
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
      // What another call has finished stays, and is replaced where it was run again.
      const place = join(folder, 'results', 'tiny');
      await writeTvqPages(place, results.slice(0, 2), 'npm run papers -- tvq-rap', rows);
      expect(await writeTvqPages(place, results.slice(1), 'npm run papers -- tvq-rap', rows)).toEqual(results);
      const page = await readFile(`${place}.md`, 'utf8');
      expect(page).toMatch(
        /## 1\.[\s\S]*\| texture VQ, K = 1024 \| 2 \|[\s\S]*## 2\. The last[\s\S]*tiny-2\.svg[\s\S]*RAP[\s\S]*## 4\. Texture/,
      );
      expect(await readFile(`${place}-2.svg`, 'utf8')).toContain('SR on texture VQ');
      expect(cellsOf(results)[0]!['index accuracy']).toBe('–');
    } finally {
      backend.dispose();
      await rm(folder, { recursive: true });
    }
  },
);

it.skipIf(lacks(lpips))(
  `goes on after a kill by the same command, and writes page and picture${lacks(lpips) ? ' (skipped: LPIPS weights not found, set VQKIT_DATA)' : ''}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-tvq-kill-'));
    try {
      await writeNoisePictures(folder, 4);
      const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
      const loader = new URL('../../../scripts/lib/typescript.mjs', import.meta.url).href;
      const env = { ...process.env, TSX_TSCONFIG_PATH: path('../../../tsconfig.json') };
      const data = ['--data', folder, '--held-out', join(folder, 'held-out.txt'), '--lpips-weights', dataPath(lpips)];
      const short = ['--tiny', '--steps', '2', '--extra-steps', '1', '--batch', '2', '--out', folder];
      const run = async (killedAt?: string) => {
        const program = ['--import', loader, path('./tvq-rap.papers.ts')];
        const child = spawn(process.execPath, [...program, '--rows', 'texture-sr', ...short, ...data], {
          env,
        });
        let said = '';
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (killedAt && said.includes(killedAt)) child.kill('SIGKILL');
        });
        const [code] = (await once(child, 'exit')) as [number | null];
        return { code, said };
      };
      const place = join(folder, 'steps-2-1-batch-2-seed-1');
      const logOf = (row: string): Promise<string> => readFile(join(place, row, 'log.jsonl'), 'utf8');
      const killed = await run('texture-sr: ');
      expect(killed.code, killed.said).toBeNull();
      const before = await logOf('texture-1024');
      const second = await run();
      expect(second.code, second.said).toBe(0);
      expect(await logOf('texture-1024')).toBe(before);
      const page = await readFile(`${place}.md`, 'utf8');
      expect(page).toMatch(/## 1\.[\s\S]*texture VQ, K = 1024 \| 2 [\s\S]*SR on texture VQ, by codes \| 2 /);
      expect(await readFile(`${place}-1.svg`, 'utf8')).toMatch(/^<svg/);
      expect(JSON.parse(await readFile(`${place}.json`, 'utf8'))).toHaveLength(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
