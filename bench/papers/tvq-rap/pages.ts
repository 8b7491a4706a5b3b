/** Results as tables: for a terminal, and as a Markdown page. */
import type { ReportValue } from '../../harness/report.ts';
import type { TvqResult } from './run.ts';

type Cells = Readonly<Record<string, ReportValue>>;

const digits = { lpips: 4, msSsim: 4, psnr: 2, frechet: 0, accuracy: 4, usedCodes: 0, entropyBits: 2 } as const;
const names = {
  lpips: 'LPIPS squeeze',
  msSsim: 'MS-SSIM',
  psnr: 'PSNR',
  frechet: 'Fréchet',
  accuracy: 'index accuracy',
  usedCodes: 'codes used',
  entropyBits: 'bits per index',
} as const;

/** One row per result; what a stage does not have is a dash. */
export function cellsOf(results: readonly TvqResult[]): Cells[] {
  return results.map(({ label, steps, trainingSeconds, scores }) => ({
    row: label,
    steps,
    minutes: Math.round(trainingSeconds / 60),
    ...Object.fromEntries(
      Object.entries(names).map(([key, name]) => [
        name,
        scores[key]?.toFixed(digits[key as keyof typeof digits]) ?? '–',
      ]),
    ),
  }));
}

/** The page. @param command  What makes it. */
export function tvqPage(results: readonly TvqResult[], command: string): string {
  const table = (title: string, own: readonly TvqResult[]): string[] => {
    if (own.length === 0) return [];
    const cells = cellsOf(own);
    const columns = Object.keys(cells[0]!);
    const line = (values: readonly unknown[]): string => `| ${values.join(' | ')} |`;
    return [
      `## ${title}`,
      '',
      line(columns),
      line(columns.map((_, i) => (i === 0 ? '---' : '--:'))),
      ...cells.map((row) => line(columns.map((column) => row[column]))),
      '',
    ];
  };
  const machines = results.map(({ machine: m }) => `${m.cpu}, ${m.cores} of its cores, ${m.system}, Node ${m.node}`);
  return [
    '# TVQ & RAP at the sizes of our port',
    '',
    'Photos held out, squares of 384²; small images by antialiased bicubic reduction; the decoder sees codes alone, as in the paper. Fréchet distances are those of',
    'SqueezeNet features and compare only with each other. LPIPS is a training loss of all rows.',
    '',
    ...table(
      'Tokenizers: photos restored from their own codes',
      results.filter(({ stage }) => stage === 'sr-tokenizer'),
    ),
    ...table(
      'Super-resolution ×4',
      results.filter(({ stage }) => stage !== 'sr-tokenizer'),
    ),
    `Measured on ${[...new Set(machines)].join('; ')}, by`,
    '',
    '```sh',
    command,
    '```',
    '',
  ].join('\n');
}
