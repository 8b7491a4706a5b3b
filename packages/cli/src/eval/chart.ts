/** The picture of an evaluation: quality against rate, and quality image by image, for each score. */
import { basename } from 'node:path';
import { drawChart } from '../picture/draw-chart.ts';
import { type Evaluation, highestRate, type Mean, type Series } from './evaluate.ts';
import { scoreNames } from './scores.ts';

const titles = {
  psnr: 'PSNR, dB (more is better)',
  ssim: 'SSIM (more is better)',
  msSsim: 'MS-SSIM (more is better)',
  lpipsSqueeze: 'LPIPS squeeze (less is better)',
} as const;

interface Row {
  readonly codec: string;
  readonly image: string;
  readonly bpp: number;
  readonly value: number;
}

/** Draws an evaluation. Scores that nothing has are left out. @returns A PNG file. */
export async function drawEvaluation(evaluation: Evaluation): Promise<Uint8Array> {
  const all = [...evaluation.rates, ...Object.values(evaluation.against)];
  const shown = scoreNames.filter((name) => all.some(({ mean }) => mean[name] !== null));
  // Image by image, one rate of ours is enough: the highest.
  const once = [highestRate(evaluation), ...Object.values(evaluation.against)];
  const color = {
    field: 'codec',
    type: 'nominal',
    scale: { domain: [...new Set(all.map(({ label }) => label))], range: palette },
    legend: { orient: 'top', title: null, symbolType: 'circle', symbolSize: 120, symbolOpacity: 1, labelLimit: 0 },
  } as const;
  const rows = { hconcat: shown.map((name) => rateChart(name, all, color)) };
  const images = { hconcat: shown.map((name, i) => imageChart(name, once, color, i === 0)) };
  return drawChart({ spacing: 30, vconcat: [rows, images] });
}

/** Ours first; told apart in grey as well. */
const palette = ['#c8102e', '#1f6fb4', '#e69f00', '#4b9b4b', '#7a5aa6'];

type ScoreName = (typeof scoreNames)[number];

function rowsOf(name: ScoreName, series: readonly Series[]): Row[] {
  return series.flatMap(({ label, images }) =>
    images.flatMap(({ file, bpp, [name]: value }) =>
      value === null || !Number.isFinite(value) ? [] : [{ codec: label, image: basename(file), bpp, value }],
    ),
  );
}

function meansOf(name: ScoreName, series: readonly Series[]): Row[] {
  const valueOf = (mean: Mean): number | null => mean[name];
  return series.flatMap(({ label, mean }) => {
    const value = valueOf(mean);
    return value === null || !Number.isFinite(value) ? [] : [{ codec: label, image: 'mean', bpp: mean.bpp, value }];
  });
}

/** Means as large dots, joined where a codec has several rates; images as small ones. */
function rateChart(name: ScoreName, series: readonly Series[], color: object): object {
  const x = { field: 'bpp', type: 'quantitative', title: 'bits per pixel, whole file' };
  const y = { field: 'value', type: 'quantitative', title: titles[name], scale: { zero: false } };
  const encoding = { x, y, color };
  return {
    width: 300,
    height: 260,
    layer: [
      {
        data: { values: rowsOf(name, series) },
        mark: { type: 'point', filled: true, size: 14, opacity: 0.35 },
        encoding,
      },
      { data: { values: meansOf(name, series) }, mark: { type: 'line', strokeWidth: 2 }, encoding },
      {
        data: { values: meansOf(name, series) },
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding,
      },
    ],
  };
}

/** One row of dots per image. */
function imageChart(name: ScoreName, series: readonly Series[], color: object, isFirst: boolean): object {
  return {
    width: 300,
    height: { step: 16 },
    data: { values: rowsOf(name, series) },
    mark: { type: 'point', filled: true, size: 50, opacity: 0.9 },
    encoding: {
      x: { field: 'value', type: 'quantitative', title: titles[name], scale: { zero: false } },
      y: { field: 'image', type: 'nominal', title: null, axis: { labels: isFirst, grid: true } },
      color,
    },
  };
}
