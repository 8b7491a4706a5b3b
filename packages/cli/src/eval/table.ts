/** Evaluations as text. */
import { basename } from 'node:path';
import { type Evaluation, highestRate, type ImageResult, type Mean } from './evaluate.ts';

/** Columns of numbers to the right, the first column to the left, two spaces between. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

const heading = ['bpp', 'PSNR dB', 'SSIM', 'MS-SSIM', 'LPIPS'];

/** Scores as people read them; – for what could not be measured. */
export function formatScores({ bpp, psnr, ssim, msSsim, lpipsSqueeze }: Mean): string[] {
  const text = (value: number | null, digits: number): string =>
    value === null ? '–' : value === Number.POSITIVE_INFINITY ? '∞' : value.toFixed(digits);
  return [text(bpp, 4), text(psnr, 2), text(ssim, 3), text(msSsim, 3), text(lpipsSqueeze, 3)];
}

/** A table of images for the highest rate, then one of means: every rate, then the other codecs. */
export function formatEvaluation(evaluation: Evaluation): string[] {
  const { rates, against } = evaluation;
  const highest = highestRate(evaluation);
  const imageRow = (image: ImageResult): string[] => [
    basename(image.file),
    `${image.bytes}`,
    ...formatScores(image),
    `${image.codebookSize}`,
    `${image.encodeMilliseconds}`,
    `${image.decodeMilliseconds}`,
  ];
  const images = formatTable([
    ['image', 'bytes', ...heading, 'codes', 'encode ms', 'decode ms'],
    ...highest.images.map(imageRow),
  ]);
  const means = formatTable([
    [`mean of ${highest.images.length}`, ...heading],
    ...rates.map((rate) => [nameOfRate(rate), ...formatScores(rate.mean)]),
    ...Object.values(against).map(({ label, mean }) => [label, ...formatScores(mean)]),
  ]);
  return [...images, '', ...means];
}

/** A series of ours by its rate. */
export function nameOfRate({ label, targetBpp, codebookSize }: Evaluation['rates'][number]): string {
  if (targetBpp !== undefined) return `${label}, at most ${targetBpp} bpp`;
  return codebookSize === undefined ? label : `${label}, ${codebookSize} codes`;
}
