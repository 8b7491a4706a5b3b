/**
 * The rows of LooC's tables, with the published numbers (500 epochs; MNIST, CIFAR-10 and Fashion-MNIST, tables 1, 3, 4, 5 and 8), and
 * rows at equal bits, which the paper leaves out.
 *
 * Sizes of the paper's rows are partly reconstructed: 32×4 and 256×4 with 32 pieces are certain, the baselines' 1024×128
 * is the likeliest reading. Metrics of these rows are those of the papers' code: VQ-VAE by distance, the others by angle.
 *
 * @see Li, Wong & Han 2026, arXiv:2601.00222; Zheng & Vedaldi 2023, arXiv:2307.15139
 */
import { cvqAnchors, learned, type Metric } from '@vqkit/core/codebook';
import { type LoocOptions, looc } from '@vqkit/quantizer-looc';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { vq } from '@vqkit/quantizer-vq';
import { anyQuantizer, type PaperRow } from '../shared/row.ts';

const dimension = 128;
const anchors = cvqAnchors({ kind: 'closest' });

/** LooC with K codes of d values; m = 128/d. */
const loocOf =
  (codes: number, pieceDimension: number, more: Partial<LoocOptions> = {}) =>
  () =>
    anyQuantizer(looc({ codes, pieces: dimension / pieceDimension, pieceDimension, ...more }));

const productOf = (codes: number, parts: number, metric: Metric) => () =>
  anyQuantizer(product({ codes, dimension: dimension / parts, metric, revival: anchors }, { parts }));

const plain = (codes: number) => () => anyQuantizer(vq({ codes, dimension, codebook: learned() }));
const cvq = (codes: number, metric: Metric) => () => anyQuantizer(vq({ codes, dimension, metric, revival: anchors }));

/**
 * Rows at 8, 16 and 32 bits per position that differ in nothing but the quantizer: one metric, learned codes of weight 1,
 * CVQ's closest anchors, losses that are means over all values.
 */
function equalBits(metric: Metric): PaperRow[] {
  const equal = (kind: string, label: string, bits: number, quantizer: PaperRow['quantizer']): PaperRow => ({
    ...row(`${kind}-${bits}bit-${metric}`, `${label}, ${metric} (${bits} bits)`, quantizer),
    groups: [`bits-${metric}`],
  });
  const sizes = [
    [2, 16],
    [2, 256],
    [4, 256],
  ] as const;
  return [
    equal('vq', 'VQ 256', 8, cvq(256, metric)),
    ...sizes.flatMap(([parts, codes]) => {
      const [bits, size] = [parts * Math.log2(codes), `${parts} × ${codes}`];
      const stages = () => anyQuantizer(residual({ codes, dimension, metric, revival: anchors }, { depth: parts }));
      return [
        equal('looc', `LooC ${size}`, bits, loocOf(codes, dimension / parts, { metric })),
        equal('pq', `PQ ${size}`, bits, productOf(codes, parts, metric)),
        equal('residual', `Residual ${size}`, bits, stages),
      ];
    }),
  ];
}

const row = (id: string, label: string, quantizer: PaperRow['quantizer'], paper?: PaperRow['paper']): PaperRow => ({
  id,
  label,
  groups: ['paper'],
  dimension,
  quantizer,
  paper,
  size: sizeOf(quantizer()),
});

/** Of a map that is enlarged, the slots of a position are those of β² places. */
function sizeOf(quantizer: ReturnType<PaperRow['quantizer']>): NonNullable<PaperRow['size']> {
  const { codebookSizes, layout } = quantizer as typeof quantizer & { readonly layout?: { readonly pieces: number } };
  return { codes: codebookSizes[0]!, pieces: layout?.pieces ?? codebookSizes.length };
}

type Cell = readonly [mae: number, psnr: number, ssim: number];

/** Published numbers on MNIST, CIFAR-10 and Fashion-MNIST. */
const published = (...cells: readonly [Cell, Cell, Cell]): PaperRow['paper'] =>
  Object.fromEntries(
    (['mnist', 'cifar-10', 'fashion-mnist'] as const).map((name, i) => {
      const [mae, psnr, ssim] = cells[i]!;
      return [name, { mae, psnr, ssim }];
    }),
  );

/** A row of an ablation: K codes of d values. */
const ablation = (table: number, [codes, d]: readonly [number, number], paper?: PaperRow['paper']): PaperRow => ({
  ...row(`looc-${codes}x${d}`, `LooC ${codes}×${d}, cosine`, loocOf(codes, d), paper),
  groups: [`table-${table}`],
});

/** LooC 256×4 on a map that is enlarged β times. */
const enlarged = (enlargement: number, grouping: LoocOptions['grouping'] = 'positions'): PaperRow => {
  const isPatches = grouping === 'patches';
  return {
    ...row(
      `looc-256x4-b${enlargement}${isPatches ? '-patches' : ''}`,
      `LooC 256×4, cosine, β = ${enlargement}${isPatches ? ', patches' : ''}`,
      loocOf(256, 4, { enlargement, ...(isPatches && { grouping }) }),
    ),
    groups: ['beta'],
  };
};

/** LooC with K codes of 4 values that nothing revives: they move by their gradient only. */
const withoutRule = (codes: number): PaperRow => ({
  ...row(
    `looc-${codes}x4-plain`,
    `LooC ${codes}×4 without the CVQ rule, cosine`,
    loocOf(codes, 4, { anchors: 'none' }),
  ),
  groups: ['table-7'],
  withoutRuleOf: `looc-${codes}x4`,
});

/** All rows, in the order of the tables. The sizes of table 5's first two rows are not certain: ours have no numbers beside them. */
export const loocRows: readonly PaperRow[] = [
  row(
    'vq-1024x128',
    'VQ-VAE 1024×128, l2',
    plain(1024),
    published([0.0207, 26.48, 0.9777], [0.0527, 23.32, 0.8595], [0.0377, 23.93, 0.914]),
  ),
  row(
    'cvq-1024x128',
    'CVQ-VAE 1024×128, cosine',
    cvq(1024, 'cosine'),
    published([0.018, 27.87, 0.9833], [0.0448, 24.72, 0.8978], [0.0344, 24.66, 0.9233]),
  ),
  row('pq-32x8x4', 'PQ 32 books of 8×4, cosine', productOf(8, 32, 'cosine'), {
    mnist: { psnr: 32.32, ssim: 0.9933 },
    'cifar-10': { psnr: 28.27, ssim: 0.9527 },
  }),
  row(
    'looc-32x4',
    'LooC 32×4, cosine',
    loocOf(32, 4),
    published([0.0082, 35.15, 0.9961], [0.0189, 32.22, 0.9805], [0.0145, 32.485, 0.9864]),
  ),
  row(
    'looc-256x4',
    'LooC 256×4, cosine',
    loocOf(256, 4),
    published([0.0062, 37.58, 0.9976], [0.0144, 34.51, 0.988], [0.0103, 35.3393, 0.9924]),
  ),
  ablation(3, [256, 8], published([0.0068, 36.79, 0.9972], [0.0188, 32.3, 0.9809], [0.0115, 34.42, 0.9907])),
  ablation(3, [256, 16], published([0.0097, 33.73, 0.9949], [0.0246, 29.97, 0.9679], [0.018, 30.62, 0.9796])),
  ablation(3, [256, 32], published([0.0118, 32.05, 0.9928], [0.0295, 28.43, 0.9551], [0.0236, 28.2, 0.966])),
  ablation(3, [256, 64], published([0.0138, 30.58, 0.9903], [0.0367, 26.46, 0.9293], [0.0288, 26.42, 0.9497])),
  ablation(4, [256, 128], published([0.0166, 28.63, 0.9853], [0.0464, 24.46, 0.8923], [0.0344, 24.71, 0.9256])),
  ablation(4, [512, 64], published([0.0122, 31.77, 0.9923], [0.0343, 27.09, 0.9392], [0.0266, 27.16, 0.9566])),
  ablation(4, [1024, 32], published([0.0094, 34.1, 0.9952], [0.0261, 29.45, 0.9643], [0.0197, 29.83, 0.976])),
  ablation(4, [2048, 16], published([0.0073, 36.14, 0.9968], [0.0205, 31.55, 0.9773], [0.0138, 32.84, 0.9873])),
  ablation(4, [4096, 8], published([0.0056, 38.39, 0.998], [0.0146, 34.4, 0.9878], [0.0098, 35.71, 0.9929])),
  ablation(4, [8192, 4], published([0.0047, 39.71, 0.9984], [0.0099, 37.49, 0.9937], [0.0083, 37.05, 0.9947])),
  ablation(5, [16, 4]),
  ablation(5, [24, 4]),
  ablation(5, [64, 4], published([0.0075, 36.02, 0.9967], [0.0178, 32.73, 0.9825], [0.0133, 33.26, 0.9883])),
  ablation(5, [128, 4], published([0.0068, 36.77, 0.9972], [0.0158, 33.7, 0.9859], [0.0114, 34.59, 0.991])),
  ablation(5, [512, 4], published([0.0055, 38.4, 0.998], [0.0137, 34.92, 0.9891], [0.0092, 36.24, 0.9937])),
  ablation(5, [1024, 4], published([0.0051, 38.97, 0.9982], [0.0116, 36.38, 0.9918], [0.0083, 37.1, 0.9946])),
  {
    ...row('looc-1024x128-b2', 'LooC 1024×128 (m = 1), cosine, β = 2', loocOf(1024, 128, { enlargement: 2 })),
    groups: ['beta'],
  },
  ...[2, 3, 4].map((beta) => enlarged(beta)),
  ...[2, 3, 4].map((beta) => enlarged(beta, 'patches')),
  ...[32, 256].map(withoutRule),
  ...equalBits('l2'),
  ...equalBits('cosine'),
];
