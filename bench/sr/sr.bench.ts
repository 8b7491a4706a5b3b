/**
 * Enlarging ×4, side by side: bicubic (MATLAB), Lanczos (sharp), UpscalerJS's three models on tfjs-wasm, and ours on onnxruntime
 * and on the same tfjs-wasm. The pictures of each set are reduced by MATLAB's bicubic and enlarged again; with `--degradation mild` or `full` they
 * go the way to the web instead, as in training: blur, noise and JPEG, drawn by `--seed`. Every contestant has a process of its
 * own, whose memory is measured; its pictures stay in `out/bench/sr`, and a run that was interrupted goes on there.
 *
 *   npm run bench -- sr [--weights <folder>] [--sets set5,set14,kodak] [--rows bicubic,lanczos,…] [--limit 2] [--threads 1]
 *     [--picture <crops.webp>] [--degradation mild [--seed 1]]
 *
 * `--picture` draws crops of Kodak: bicubic, the best of UpscalerJS's models by LPIPS, and ours. Ours take `@vqkit/weights-sr-x4` without `--weights`, and for
 * pictures of the web there is a row of `@vqkit/weights-sr-x4-real`. Quality: PSNR of luma without 4 pixels at each side, SSIM, LPIPS (squeeze),
 * NIQE of luma. Times are medians of one picture each, after compiling.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { loadNiqe } from '@vqkit/metrics';
import { type DegradationName, degradationNames } from '@vqkit/training';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { BenchItem, Benchmark, BenchReport } from '../harness/report.ts';
import { openMeter } from '../harness/scores.ts';
import { enlargeMissing, missingOf, scoreMissing } from './contest.ts';
import { contestants, isOurs, rowsFor, titleOf, versionOf } from './contestants.ts';
import { picturesOf, type Reduction } from './pictures.ts';
import { readResults, rowOf } from './results.ts';
import { drawContest } from './sheet.ts';

const options = {
  weights: { type: 'string' },
  sets: { type: 'string', default: 'set5,set14,kodak' },
  rows: { type: 'string' },
  limit: { type: 'string' },
  threads: { type: 'string' },
  picture: { type: 'string' },
  degradation: { type: 'string', default: 'bicubic' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: dataPath() },
  out: { type: 'string', default: fileURLToPath(new URL('../../out/bench/sr', import.meta.url)) },
  // Of the processes that this one starts: one contestant, and no scores.
  only: { type: 'string' },
} as const;

/** Runs this benchmark for one contestant in a process of its own. */
async function enlargeAside(name: string, args: readonly string[]): Promise<void> {
  const run = fileURLToPath(new URL('../run.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, run, 'sr', ...args, '--only', name, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`bench sr: expected ${name} to enlarge all pictures, got exit code ${String(code)}`);
}

const benchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({ args: [...args], options });
  const { only, data } = values;
  const reduction = reductionOf(values);
  const isBicubic = reduction.degradation === 'bicubic';
  const out = isBicubic ? values.out : join(values.out, `${reduction.degradation}-${reduction.seed}`);
  const own = { weights: values.weights && resolve(values.weights), threads: values.threads && Number(values.threads) };
  const settings = { weights: own.weights || undefined, threads: own.threads || undefined };
  const sets = values.sets.split(',');
  const pictures = await picturesOf(data, sets, values.limit === undefined ? undefined : Number(values.limit));
  const folderOf = async (name: string): Promise<string> => join(out, await versionOf(name, settings));
  if (only !== undefined) {
    await enlargeMissing(only, await folderOf(only), pictures, { ...settings, reduction, log });
    return { machine: describeMachine(), items: [], summary: {} };
  }

  const rows = values.rows?.split(',') ?? rowsFor(reduction.degradation);
  const unknown = rows.find((name) => !Object.hasOwn(contestants, name));
  if (unknown !== undefined)
    throw new Error(`expected --rows of ${Object.keys(contestants).join(', ')}, got ${unknown}`);
  const backend = await onnx({ threads: settings.threads });
  const meter = await openMeter(backend);
  const pristine = await loadNiqe(join(dataPath('weights'), 'niqe_pristine.safetensors'));
  const items: BenchItem[] = [];
  for (const name of rows) {
    const folder = await folderOf(name);
    if ((await missingOf(folder, pictures)).length > 0) await enlargeAside(name, args);
    await scoreMissing(folder, pictures, { meter, pristine });
    const results = await readResults(folder);
    items.push(...sets.map((set) => rowOf(name, set, pictures, results)));
  }
  meter.dispose();
  backend.dispose();
  if (values.picture !== undefined) {
    const mine = rows.filter(isOurs).slice(0, isBicubic ? 1 : 2);
    const shown = ['bicubic', bestOf(items, 'kodak'), ...mine].filter((name) => name !== undefined);
    const columns = shown.map(async (name) => ({ title: titleOf(name), folder: await folderOf(name) }));
    const drawn = await drawContest(values.picture, pictures, await Promise.all(columns), reduction);
    log(drawn > 0 ? `${values.picture}: ${drawn} crops` : 'no picture: its crops are of the set kodak');
  }
  return {
    machine: describeMachine(),
    items,
    summary: { ...summaryOf(items, sets, isBicubic ? 0 : -1), 'pictures in': out },
  };
};

/** How pictures become small. */
function reductionOf({ degradation, seed }: { readonly degradation: string; readonly seed: string }): Reduction {
  if (!(degradationNames as readonly string[]).includes(degradation) || !/^\d{1,9}$/.test(seed)) {
    const expected = `--degradation of ${degradationNames.join(', ')} and a whole number as --seed`;
    throw new Error(`expected ${expected}, got ${degradation} and ${seed}`);
  }
  return { degradation: degradation as DegradationName, seed: Number(seed) };
}

/** Which of UpscalerJS's models has the least LPIPS on a set. */
function bestOf(items: readonly BenchItem[], set: string): string | undefined {
  const others = items.filter((item) => item.set === set && item.name.startsWith('esrgan'));
  return others.sort((a, b) => (a.lpips as number) - (b.lpips as number))[0]?.name;
}

/** What is asked of ours, per set. @param which  Of the rows of ours: the first, or, for pictures of the web, the last. */
function summaryOf(items: readonly BenchItem[], sets: readonly string[], which: 0 | -1): BenchReport['summary'] {
  const numberOf = (name: string, set: string, field: string): number =>
    items.find((item) => item.name === name && item.set === set)?.[field] as number;
  const names = [...new Set(items.map(({ name }) => name))];
  const mine = names.filter(isOurs).at(which);
  if (mine === undefined) return { ours: 'no rows of ours' };
  const others = names.filter((name) => !isOurs(name));
  const ofSet = (set: string): [string, number][] => {
    const best = Math.min(...others.map((name) => numberOf(name, set, 'lpips')));
    return [
      [`${set}: LPIPS of ours / best of the others`, numberOf(mine, set, 'lpips') / best],
      [`${set}: PSNR-Y of ours − bicubic, dB`, numberOf(mine, set, 'psnrY') - numberOf('bicubic', set, 'psnrY')],
      [
        `${set}: times as fast as esrgan-medium on tfjs-wasm`,
        numberOf('esrgan-medium', set, 'secondsPerMegapixel') / numberOf('vqkit-tfjs-wasm', set, 'secondsPerMegapixel'),
      ],
    ];
  };
  return Object.fromEntries(sets.flatMap(ofSet).filter(([, value]) => Number.isFinite(value)));
}

export default benchmark;
