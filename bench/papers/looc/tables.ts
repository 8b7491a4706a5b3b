/**
 * Which rows are which table of LooC's paper. Table 6 is of faces there, and has no numbers on small images; product and residual
 * quantization beside tables 3 and 4 are ours. Table 7 is of faces, too, and has usage alone.
 */
import type { PaperTable } from '../shared/row.ts';

const baselines = ['vq-1024x128', 'cvq-1024x128'];
const others = ['pq', 'residual'].flatMap((kind) => [16, 32].map((bits) => `${kind}-${bits}bit-cosine`));
const shortCodes = (codes: readonly number[]): string[] => codes.map((k) => `looc-${k}x4`);

/** Tables 1 and 3 to 7. */
export const loocTables: readonly PaperTable[] = [
  {
    number: 1,
    title: 'methods',
    rows: [...baselines, 'pq-32x8x4', 'looc-32x4', 'looc-256x4'],
    axis: 'bits',
  },
  {
    number: 3,
    title: 'pieces at K = 256',
    rows: [...baselines, ...[4, 8, 16, 32, 64].map((d) => `looc-256x${d}`), ...others],
    axis: 'pieces',
  },
  {
    number: 4,
    title: 'a codebook of constant size',
    rows: [
      ...baselines,
      ...['256x128', '512x64', '1024x32', '2048x16', '4096x8', '8192x4'].map((size) => `looc-${size}`),
      ...others,
    ],
    axis: 'bits',
  },
  {
    number: 5,
    title: 'codes at d = 4',
    rows: [...baselines, ...shortCodes([16, 24, 32, 64, 128, 256, 512, 1024])],
    axis: 'codes',
  },
  {
    number: 6,
    title: 'enlargement',
    rows: [
      ...baselines,
      'looc-1024x128-b2',
      'looc-256x4',
      ...[2, 3, 4].map((beta) => `looc-256x4-b${beta}`),
      ...[2, 3, 4].map((beta) => `looc-256x4-b${beta}-patches`),
    ],
    axis: 'bits',
  },
  {
    number: 7,
    title: 'with and without the CVQ rule',
    rows: [32, 256].flatMap((k) => [`looc-${k}x4`, `looc-${k}x4-plain`]),
    axis: 'bits',
    // Its two sizes are not printed with it; they are probably those of its faces.
    note: "The paper's table 7 is of faces (FFHQ): without CVQ's update, both of its codebooks are used to 100 %, as with it.",
  },
];

/** Figures 7 and 8, in words. Which sizes figure 8 is of, copies of the text have lost. */
export const loocSharing =
  'The paper (CIFAR-10, 32 pieces): with K = 256 and d = 4 all but 6 of 32 pieces use more than 90 % of the codes; of two sizes that it ' +
  'compares, every code is used by at least 26 pieces, most by 30 or more, with the smaller, and by at least 16, most by 20 or ' +
  'more, with the larger.';
