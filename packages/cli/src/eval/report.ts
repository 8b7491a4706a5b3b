/** An evaluation as a Markdown page: what was measured, how to measure it again, and all numbers. */
import { cpus, totalmem, type } from 'node:os';
import { basename } from 'node:path';
import { type Evaluation, highestRate } from './evaluate.ts';
import { formatScores, nameOfRate } from './table.ts';

/** What a page says besides the numbers. */
export interface ReportOptions {
  /** The command that made it, as typed. */
  readonly command: string;
  /** The model of the weights. */
  readonly modelId: string;
  readonly backend: string;
  /** Path of the chart, as seen from the page. */
  readonly picture?: string;
}

const scores = ['bpp', 'PSNR (dB)', 'SSIM', 'MS-SSIM', 'LPIPS (squeeze)'];

/** Writes the page. */
export function writeReport(evaluation: Evaluation, options: ReportOptions): string {
  const { rates, against } = evaluation;
  const others = Object.values(against);
  const highest = highestRate(evaluation);
  const { length } = highest.images;
  const means = [
    ...rates.map((rate) => [nameOfRate(rate), ...formatScores(rate.mean), ...timesOf(rate.images)]),
    ...others.map(({ label, mean }) => [label, ...formatScores(mean), '', '']),
  ];
  const images = highest.images.map((image, i) => [
    basename(image.file),
    `${image.bytes}`,
    ...formatScores(image),
    ...others.map((other) => `${formatScores(other.images[i]!)[0]} / ${formatScores(other.images[i]!)[4]}`),
  ]);
  return [
    '# Results',
    `${length} images, coded with the weights \`${options.modelId}\` and scored as whole files, header included.`,
    `\`\`\`sh\n${options.command}\n\`\`\``,
    `Made on ${machine()}, backend ${options.backend}. Times are means over the images, after loading.`,
    ...(options.picture === undefined ? [] : [`![Quality against rate, and image by image](${options.picture})`]),
    '## Means',
    table(['', ...scores, 'encode (ms)', 'decode (ms)'], means),
    'Other codecs are at the lowest quality they have, chroma at half resolution. *Half size*: the image is reduced to ' +
      'half its width and height, coded, and enlarged again.',
    `## Images, ${nameOfRate(highest)}`,
    ...(others.length > 0 ? ['Other codecs: bpp / LPIPS.'] : []),
    table(['', 'bytes', ...scores, ...others.map(({ label }) => label)], images),
  ]
    .map((block) => `${block}\n`)
    .join('\n');
}

function timesOf(images: Evaluation['rates'][number]['images']): string[] {
  return (['encodeMilliseconds', 'decodeMilliseconds'] as const).map((name) => {
    const total = images.reduce((sum, image) => sum + (image[name] ?? 0), 0);
    return `${Math.round(total / images.length)}`;
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores[0]?.model.trim() ?? 'an unknown CPU'} (${cores.length} cores, ${memory} GiB), ${type()}, Node ${process.version}`;
}
