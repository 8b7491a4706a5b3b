/** PSNR against bits per pixel as an SVG picture: one dot per row, and the paper's value as a ring where there is one. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { RowResult } from './results.ts';
import type { PaperRow } from './row.ts';

/**
 * Draws results; the axis of bits is logarithmic.
 *
 * @param title  Data set and protocol.
 * @returns SVG text; empty axes for no results.
 */
export async function drawResults(
  title: string,
  results: readonly RowResult[],
  rows: readonly PaperRow[],
): Promise<string> {
  const ours = results.map(({ label, metrics: { bpp, psnr } }) => ({ label, bpp, psnr }));
  const papers = results.flatMap(({ row, label, dataset, metrics: { bpp } }) => {
    const psnr = rows.find(({ id }) => id === row)?.paper?.[dataset]?.psnr;
    return psnr === undefined ? [] : [{ label, bpp, psnr }];
  });
  const spec: TopLevelSpec = {
    title: { text: title, subtitle: papers.length > 0 ? 'rings: the paper' : '' },
    width: 560,
    height: 420,
    background: 'white',
    padding: 20,
    encoding: {
      x: {
        field: 'bpp',
        type: 'quantitative',
        title: 'index bits per pixel, fixed length',
        scale: { type: 'log', base: 2 },
      },
      y: { field: 'psnr', type: 'quantitative', title: 'PSNR, dB', scale: { zero: false } },
      color: { field: 'label', type: 'nominal', title: null, legend: { labelLimit: 0 } },
    },
    layer: [
      { data: { values: ours }, mark: { type: 'point', filled: true, size: 90, opacity: 1 } },
      { data: { values: papers }, mark: { type: 'point', size: 90 } },
    ],
  };
  return svgOf(spec);
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
