/** A bar chart of per-image scores as a picture, so that tools can show results without a drawing library. */
import { InputError } from '../errors.ts';
import type { Image8 } from '../resize/matlab-bicubic.ts';
import { glyphHeight, glyphWidth, hasInk } from './pixel-font.ts';

/** One bar. */
export interface ScoreRow {
  /** Shown at the left, e.g. a file's name; letters, digits and a few signs. */
  readonly label: string;
  /** Infinite values get a bar over the whole width. */
  readonly value: number;
}

/** How the chart looks. */
export interface ScoreChartOptions {
  /** Above the bars. */
  readonly title?: string;
  /** Length of the longest bar in pixels. Default 400. */
  readonly barWidth?: number;
  /** Digits after the point. Default 3. */
  readonly digits?: number;
}

/** Pixels of the picture for each pixel of the font. */
const scale = 2;
const rowHeight = (glyphHeight + 4) * scale;
const padding = 8;
const ink = [32, 32, 32] as const;
const bar = [70, 120, 180] as const;

/**
 * Draws horizontal bars from 0 to the largest magnitude; negative values point left of nothing and are drawn by their
 * magnitude, with the sign in the number.
 *
 * @returns 8-bit RGB.
 * @throws InputError `TOO_FEW_SAMPLES` without rows; `NOT_FINITE` for NaN.
 */
export function drawScoreChart(rows: readonly ScoreRow[], options: ScoreChartOptions = {}): Image8 {
  const { title = '', barWidth = 400, digits = 3 } = options;
  checkRows(rows);
  const textWidth = (text: string): number => text.length * glyphWidth * scale;
  const labelWidth = Math.max(...rows.map(({ label }) => textWidth(label)));
  const numbers = rows.map(({ value }) =>
    Number.isFinite(value) ? value.toFixed(digits) : value > 0 ? 'INF' : '-INF',
  );
  const numberWidth = Math.max(...numbers.map(textWidth));
  const inner = Math.max(labelWidth + barWidth + numberWidth + 2 * padding, textWidth(title));
  const [width, height] = [inner + 2 * padding, (rows.length + (title === '' ? 0 : 1)) * rowHeight + 2 * padding];
  const image: Image8 = { data: new Uint8Array(width * height * 3).fill(255), width, height };
  const largest = Math.max(...rows.map(({ value }) => (Number.isFinite(value) ? Math.abs(value) : 0))) || 1;
  if (title !== '') write(image, title, padding, padding);
  rows.forEach(({ label, value }, i) => {
    const top = padding + (i + (title === '' ? 0 : 1)) * rowHeight;
    const left = 2 * padding + labelWidth;
    const share = Number.isFinite(value) ? Math.abs(value) / largest : 1;
    write(image, label, padding, top);
    fill(image, left, top, Math.round(share * barWidth), glyphHeight * scale);
    write(image, numbers[i]!, left + barWidth + padding, top);
  });
  return image;
}

function checkRows(rows: readonly ScoreRow[]): void {
  if (rows.length === 0) {
    throw new InputError({
      code: 'TOO_FEW_SAMPLES',
      message: 'drawScoreChart: expected at least one row, got none',
      fix: 'Measure an image first',
    });
  }
  const bad = rows.find(({ value }) => Number.isNaN(value));
  if (bad === undefined) return;
  throw new InputError({
    code: 'NOT_FINITE',
    message: `drawScoreChart: expected numbers, got NaN for '${bad.label}'`,
    fix: 'Leave rows without a value out',
  });
}

function write({ data, width }: Image8, text: string, left: number, top: number): void {
  for (let y = 0; y < glyphHeight * scale; y++) {
    for (let x = 0; x < text.length * glyphWidth * scale; x++) {
      if (hasInk(text, Math.floor(x / scale), Math.floor(y / scale))) data.set(ink, ((top + y) * width + left + x) * 3);
    }
  }
}

function fill({ data, width }: Image8, left: number, top: number, barWidth: number, barHeight: number): void {
  for (let y = top; y < top + barHeight; y++) {
    for (let x = left; x < left + barWidth; x++) data.set(bar, (y * width + x) * 3);
  }
}
