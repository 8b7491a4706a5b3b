/**
 * The rows of LooC's tables, with the published numbers (500 epochs; MNIST and Fashion-MNIST, tables 1, 3 and 8), and
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
});

/** All rows, in the order of the table. */
export const loocRows: readonly PaperRow[] = [
  row('vq-1024x128', 'VQ-VAE 1024×128, l2', plain(1024), {
    mnist: { mae: 0.0207, psnr: 26.48, ssim: 0.9777 },
    'fashion-mnist': { mae: 0.0377, psnr: 23.93, ssim: 0.914 },
  }),
  row('cvq-1024x128', 'CVQ-VAE 1024×128, cosine', cvq(1024, 'cosine'), {
    mnist: { mae: 0.018, psnr: 27.87, ssim: 0.9833 },
    'fashion-mnist': { mae: 0.0344, psnr: 24.66, ssim: 0.9233 },
  }),
  row('pq-32x8x4', 'PQ 32 books of 8×4, cosine', productOf(8, 32, 'cosine'), { mnist: { psnr: 32.32, ssim: 0.9933 } }),
  row('looc-32x4', 'LooC 32×4, cosine', loocOf(32, 4), {
    mnist: { mae: 0.0082, psnr: 35.15, ssim: 0.9961 },
    'fashion-mnist': { mae: 0.0145, psnr: 32.485, ssim: 0.9864 },
  }),
  row('looc-256x4', 'LooC 256×4, cosine', loocOf(256, 4), {
    mnist: { mae: 0.0062, psnr: 37.58, ssim: 0.9976 },
    'fashion-mnist': { mae: 0.0103, psnr: 35.3393, ssim: 0.9924 },
  }),
  {
    ...row('looc-256x4-b2', 'LooC 256×4, cosine, β = 2', loocOf(256, 4, { enlargement: 2 })),
    groups: ['beta'],
  },
  {
    ...row(
      'looc-256x4-b2-patches',
      'LooC 256×4, cosine, β = 2, patches',
      loocOf(256, 4, { enlargement: 2, grouping: 'patches' }),
    ),
    groups: ['beta'],
  },
  ...equalBits('l2'),
  ...equalBits('cosine'),
];
