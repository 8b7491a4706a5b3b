/** The quantizers of the comparison, all at 12 bits for a vector of 16 values. */
import { cvqAnchors, deadCodes, ema } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { bsq, lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { vq } from '@vqkit/quantizer-vq';
import type { AnyQuantizer } from '@vqkit/training';
import { anyQuantizer } from '../papers/shared/row.ts';
import { featureDimension as dimension } from './features.ts';

/** A quantizer of the comparison. */
export interface ComparedQuantizer {
  readonly name: string;
  readonly quantizer: AnyQuantizer;
  /** What stands in for it at use, where that is something else: its tables are folded. */
  readonly atUse?: AnyQuantizer;
}

const kept = { codebook: ema(), revival: deadCodes(), start: 'normal' } as const;

/** All rows, in the order of the table. */
export const comparedQuantizers: readonly ComparedQuantizer[] = [
  {
    name: 'vq 4096, EMA',
    quantizer: anyQuantizer(vq({ codes: 4096, dimension, ...kept })),
  },
  {
    name: 'vq 4096, random CVQ anchors',
    quantizer: anyQuantizer(vq({ codes: 4096, dimension, revival: cvqAnchors({ kind: 'random' }) })),
  },
  {
    name: 'simvq 4096',
    quantizer: anyQuantizer(simvq({ codes: 4096, dimension })),
    atUse: anyQuantizer(vq({ codes: 4096, dimension })),
  },
  {
    name: 'residual 2 × 64',
    quantizer: anyQuantizer(residual({ codes: 64, dimension, ...kept }, { depth: 2 })),
  },
  {
    name: 'product 2 × 64',
    quantizer: anyQuantizer(product({ codes: 64, dimension: dimension / 2, ...kept }, { parts: 2 })),
  },
  {
    name: 'dual codebook 64 + 64',
    quantizer: anyQuantizer(
      dualCodebook({
        codes: 64,
        dimension,
        transformer: { layers: 2, heads: 4, feedForward: 64, scale: 0.1 },
        local: kept,
      }),
    ),
    atUse: anyQuantizer(product({ codes: 64, dimension: dimension / 2 }, { parts: 2 })),
  },
  {
    name: 'looc 64, 2 pieces',
    quantizer: anyQuantizer(looc({ codes: 64, pieces: 2, pieceDimension: dimension / 2, metric: 'l2' })),
  },
  {
    name: 'fsq 7, 5, 5, 5, 5',
    quantizer: anyQuantizer(fsq({ levels: [7, 5, 5, 5, 5] })),
  },
  { name: 'lfq 12', quantizer: anyQuantizer(lfq({ bits: 12, temperature: 1 })) },
  { name: 'bsq 12', quantizer: anyQuantizer(bsq({ bits: 12 })) },
];
