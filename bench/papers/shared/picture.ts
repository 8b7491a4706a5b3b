/** PSNR against bits per pixel as an SVG picture: one point per row, and the paper's value as a ring where there is one. */
import type { RowResult } from './results.ts';
import type { PaperRow } from './row.ts';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly isPaper: boolean;
}

const size = { width: 860, height: 520, left: 70, right: 170, top: 50, bottom: 60 } as const;

/**
 * Draws results; the axis of bits is logarithmic.
 *
 * @param title  Data set and protocol.
 * @returns SVG text; empty axes for no results.
 */
export function drawResults(title: string, results: readonly RowResult[], rows: readonly PaperRow[]): string {
  const points = results.flatMap(({ row, label, dataset, metrics }): Point[] => {
    const own = { x: metrics.bpp, y: metrics.psnr, label, isPaper: false };
    const paper = rows.find(({ id }) => id === row)?.paper?.[dataset]?.psnr;
    return paper === undefined ? [own] : [own, { ...own, y: paper, isPaper: true }];
  });
  const xs = points.map(({ x }) => Math.log2(x));
  const ys = points.map(({ y }) => y);
  const [x0, x1] = [Math.floor(Math.min(...xs, 0)), Math.ceil(Math.max(...xs, 1))];
  const [y0, y1] = [Math.floor(Math.min(...ys, 20) / 2) * 2, Math.ceil(Math.max(...ys, 30) / 2) * 2];
  const across = (x: number): number =>
    size.left + ((Math.log2(x) - x0) / (x1 - x0)) * (size.width - size.left - size.right);
  const up = (y: number): number =>
    size.height - size.bottom - ((y - y0) / (y1 - y0)) * (size.height - size.top - size.bottom);
  const text = (x: number, y: number, content: string, more = ''): string =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(content)}</text>`;
  const line = (a: number, b: number, c: number, d: number): string =>
    `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#ddd"/>`;
  const bits = Array.from({ length: x1 - x0 + 1 }, (_, i) => 2 ** (x0 + i));
  const decibels = Array.from({ length: (y1 - y0) / 2 + 1 }, (_, i) => y0 + 2 * i);
  const own = points.filter(({ isPaper }) => !isPaper);
  const labels = apart(own.map(({ x, y, label }) => ({ x, height: up(y), label })));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    text(size.left, 24, title, 'font-size="15"'),
    ...bits.flatMap((b) => [
      line(across(b), size.top, across(b), size.height - size.bottom),
      text(across(b), size.height - size.bottom + 18, String(b), 'text-anchor="middle"'),
    ]),
    ...decibels.flatMap((d) => [
      line(size.left, up(d), size.width - size.right, up(d)),
      text(size.left - 8, up(d) + 4, String(d), 'text-anchor="end"'),
    ]),
    text(
      (size.left + size.width - size.right) / 2,
      size.height - 18,
      'index bits per pixel, fixed length',
      'text-anchor="middle"',
    ),
    text(18, size.top - 12, 'PSNR, dB'),
    ...points.map(({ x, y, isPaper }) =>
      isPaper
        ? `<circle cx="${across(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="6" fill="none" stroke="#888"/>`
        : `<circle cx="${across(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="5" fill="#c8102e"/>`,
    ),
    ...labels.map(({ x, height, label }) => text(across(x) + 9, height + 4, label)),
    text(
      size.width - size.right + 20,
      size.height - 18,
      points.some(({ isPaper }) => isPaper) ? '● ours   ○ paper' : '● ours',
      'fill="#555"',
    ),
    '</svg>',
    '',
  ].join('\n');
}

interface Label {
  readonly x: number;
  /** From the top, pixels. */
  readonly height: number;
  readonly label: string;
}

/** Labels above each other are moved down until they can be read. */
function apart(labels: readonly Label[]): Label[] {
  const lowest = new Map<number, number>();
  return [...labels]
    .sort((a, b) => a.height - b.height)
    .map((label) => {
      const height = Math.max(label.height, (lowest.get(label.x) ?? Number.NEGATIVE_INFINITY) + 13);
      lowest.set(label.x, height);
      return { ...label, height };
    });
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
