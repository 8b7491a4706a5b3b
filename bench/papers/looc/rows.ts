/**
 * The rows of LooC's tables, with the published numbers (500 epochs; MNIST and Fashion-MNIST, tables 1, 3 and 8), and
 * rows at equal bits, which the paper leaves out.
 *
 * Sizes of the paper's rows are partly reconstructed: 32×4 and 256×4 with 32 pieces are certain, the baselines' 1024×128
 * is the likeliest reading.
 *
 * @see Li, Wong & Han 2026, arXiv:2601.00222; Zheng & Vedaldi 2023, arXiv:2307.15139
 */
import { cvqAnchors, learned } from '@vqkit/core/codebook';
import { looc } from '@vqkit/quantizer-looc';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { vq } from '@vqkit/quantizer-vq';
import { anyQuantizer, type PaperRow } from '../shared/row.ts';

const dimension = 128;
const anchors = cvqAnchors({ kind: 'closest' });

/** LooC with K codes of d values; m = 128/d. */
const loocOf =
  (codes: number, pieceDimension: number, more: { enlargement?: number; grouping?: 'patches' } = {}) =>
  () =>
    anyQuantizer(looc({ codes, pieces: dimension / pieceDimension, pieceDimension, ...more }));

const productOf = (codes: number, parts: number) => () =>
  anyQuantizer(product({ codes, dimension: dimension / parts, metric: 'cosine', revival: anchors }, { parts }));

const residualOf = (codes: number, depth: number) => () =>
  anyQuantizer(residual({ codes, dimension, revival: anchors }, { depth }));

const plain = (codes: number) => () => anyQuantizer(vq({ codes, dimension, codebook: learned() }));
const cvq = (codes: number) => () => anyQuantizer(vq({ codes, dimension, metric: 'cosine', revival: anchors }));

/** All rows, in the order of the table. */
export const loocRows: readonly PaperRow[] = [
  {
    id: 'vq-1024x128',
    label: 'VQ-VAE 1024×128',
    groups: ['paper'],
    dimension,
    quantizer: plain(1024),
    paper: {
      mnist: { mae: 0.0207, psnr: 26.48, ssim: 0.9777 },
      'fashion-mnist': { mae: 0.0377, psnr: 23.93, ssim: 0.914 },
    },
  },
  {
    id: 'cvq-1024x128',
    label: 'CVQ-VAE 1024×128',
    groups: ['paper'],
    dimension,
    quantizer: cvq(1024),
    paper: {
      mnist: { mae: 0.018, psnr: 27.87, ssim: 0.9833 },
      'fashion-mnist': { mae: 0.0344, psnr: 24.66, ssim: 0.9233 },
    },
  },
  {
    id: 'pq-32x8x4',
    label: 'PQ 32 books of 8×4',
    groups: ['paper'],
    dimension,
    quantizer: productOf(8, 32),
    paper: { mnist: { psnr: 32.32, ssim: 0.9933 } },
  },
  {
    id: 'looc-32x4',
    label: 'LooC 32×4',
    groups: ['paper'],
    dimension,
    quantizer: loocOf(32, 4),
    paper: {
      mnist: { mae: 0.0082, psnr: 35.15, ssim: 0.9961 },
      'fashion-mnist': { mae: 0.0145, psnr: 32.485, ssim: 0.9864 },
    },
  },
  {
    id: 'looc-256x4',
    label: 'LooC 256×4',
    groups: ['paper'],
    dimension,
    quantizer: loocOf(256, 4),
    paper: {
      mnist: { mae: 0.0062, psnr: 37.58, ssim: 0.9976 },
      'fashion-mnist': { mae: 0.0103, psnr: 35.3393, ssim: 0.9924 },
    },
  },
  {
    id: 'looc-256x4-b2',
    label: 'LooC 256×4, β = 2',
    groups: ['beta'],
    dimension,
    quantizer: loocOf(256, 4, { enlargement: 2 }),
  },
  {
    id: 'looc-256x4-b2-patches',
    label: 'LooC 256×4, β = 2, patches',
    groups: ['beta'],
    dimension,
    quantizer: loocOf(256, 4, { enlargement: 2, grouping: 'patches' }),
  },
  { id: 'vq-8bit', label: 'VQ 256 (8 bits)', groups: ['bits'], dimension, quantizer: cvq(256) },
  { id: 'looc-8bit', label: 'LooC 2 × 16 (8 bits)', groups: ['bits'], dimension, quantizer: loocOf(16, 64) },
  { id: 'pq-8bit', label: 'PQ 2 × 16 (8 bits)', groups: ['bits'], dimension, quantizer: productOf(16, 2) },
  { id: 'residual-8bit', label: 'Residual 2 × 16 (8 bits)', groups: ['bits'], dimension, quantizer: residualOf(16, 2) },
  { id: 'looc-16bit', label: 'LooC 2 × 256 (16 bits)', groups: ['bits'], dimension, quantizer: loocOf(256, 64) },
  { id: 'pq-16bit', label: 'PQ 2 × 256 (16 bits)', groups: ['bits'], dimension, quantizer: productOf(256, 2) },
  {
    id: 'residual-16bit',
    label: 'Residual 2 × 256 (16 bits)',
    groups: ['bits'],
    dimension,
    quantizer: residualOf(256, 2),
  },
  { id: 'looc-32bit', label: 'LooC 4 × 256 (32 bits)', groups: ['bits'], dimension, quantizer: loocOf(256, 32) },
  { id: 'pq-32bit', label: 'PQ 4 × 256 (32 bits)', groups: ['bits'], dimension, quantizer: productOf(256, 4) },
  {
    id: 'residual-32bit',
    label: 'Residual 4 × 256 (32 bits)',
    groups: ['bits'],
    dimension,
    quantizer: residualOf(256, 4),
  },
];
