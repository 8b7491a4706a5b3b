/** All eight quantizers: factories by the names that manifests give, and small options of each. */
import type { CodebookOptions } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { type ProductOptions, product } from '@vqkit/quantizer-product';
import { type ResidualOptions, residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { vq } from '@vqkit/quantizer-vq';
import type { QuantizerSpec, Quantizers } from '@vqkit/tokenizer';

/** By name. */
export const quantizers: Quantizers = {
  vq,
  looc,
  'dual-codebook': dualCodebook,
  product: ({ part, ...options }: ProductOptions & { part: CodebookOptions }) => product(part, options),
  residual: ({ stage, ...options }: ResidualOptions & { stage: CodebookOptions }) => residual(stage, options),
  fsq,
  'lookup-free': lfq,
  simvq,
};

/** One of each, of eight numbers a position. */
export const specs: readonly QuantizerSpec[] = [
  { name: 'vq', options: { codes: 64, dimension: 8 } },
  { name: 'looc', options: { codes: 16, pieces: 4, pieceDimension: 2 } },
  {
    name: 'dual-codebook',
    options: { codes: 16, dimension: 8, transformer: { layers: 1, heads: 2, feedForward: 8, scale: 0.1 } },
  },
  { name: 'product', options: { part: { codes: 16, dimension: 4 }, parts: 2 } },
  { name: 'residual', options: { stage: { codes: 16, dimension: 8 }, depth: 3 } },
  { name: 'fsq', options: { levels: [3, 3, 3, 3, 3, 3, 3, 3] } },
  { name: 'lookup-free', options: { bits: 8 } },
  { name: 'simvq', options: { codes: 64, dimension: 8 } },
];
