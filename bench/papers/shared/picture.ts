/** PSNR against bits per pixel, pieces or codes as an SVG picture: one dot per row, and the paper's value as a ring where there is one. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { RowResult } from './results.ts';
import type { PaperRow, PictureAxis } from './row.ts';

/** Titles of axes. */
const axisTitles: Readonly<Record<PictureAxis, string>> = {
  bits: 'index bits per pixel, fixed length',
  pieces: 'pieces m (parts, stages)',
  codes: 'codes K of a book',
};

/**
 * Draws results; the axis, of bits by default, is logarithmic. Rows without the size that it asks for are left out.
 *
 * @param title  Data set and protocol.
 * @returns SVG text; empty axes for no results.
 */
export async function drawResults(
  title: string,
  results: readonly RowResult[],
  rows: readonly PaperRow[],
  axis: PictureAxis = 'bits',
): Promise<string> {
  const placed = results.flatMap(({ row, label, dataset, metrics: { bpp, psnr } }) => {
    const own = rows.find(({ id }) => id === row);
    const x = axis === 'bits' ? bpp : own?.size?.[axis];
    return x === undefined ? [] : [{ label, x, psnr, paper: own?.paper?.[dataset]?.psnr }];
  });
  const ours = placed.map(({ label, x, psnr }) => ({ label, x, psnr }));
  const papers = placed.flatMap(({ label, x, paper }) => (paper === undefined ? [] : [{ label, x, psnr: paper }]));
  const spec: TopLevelSpec = {
    title: { text: title, subtitle: papers.length > 0 ? 'rings: the paper' : '' },
    width: 560,
    height: 420,
    background: 'white',
    padding: 20,
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: axisTitles[axis],
        scale: { type: 'log', base: 2 },
      },
      y: { field: 'psnr', type: 'quantitative', title: 'PSNR, dB', scale: { zero: false } },
      color: colorOf(rows.map(({ label }) => label)),
    },
    layer: [
      { data: { values: ours }, mark: { type: 'point', filled: true, size: 90, opacity: 1 } },
      { data: { values: papers }, mark: { type: 'point', size: 90 } },
    ],
  };
  return svgOf(spec);
}

/** A color for each label, in the order of the table; up to twenty no color twice. */
export function colorOf(labels: readonly string[]) {
  const scheme = labels.length > 10 ? 'tableau20' : 'tableau10';
  return {
    ...({ field: 'label', type: 'nominal', title: null, legend: { labelLimit: 0 } } as const),
    sort: [...labels],
    scale: { scheme } as const,
  };
}

/** Draws a specification as SVG text. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
