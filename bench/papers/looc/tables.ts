/**
 * Which rows are which table of LooC's paper. Table 6 is of faces there, and has no numbers on small images; product and residual
 * quantization beside tables 3 and 4 are ours.
 */
import type { PaperTable } from '../shared/row.ts';

const baselines = ['vq-1024x128', 'cvq-1024x128'];
const others = ['pq', 'residual'].flatMap((kind) => [16, 32].map((bits) => `${kind}-${bits}bit-cosine`));
const shortCodes = (codes: readonly number[]): string[] => codes.map((k) => `looc-${k}x4`);

/** Tables 1 and 3 to 6. */
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
];
