/** All quantizers at 10 bits a position, for features of 256 values as those of the published VQGAN: what each of them costs. */
import { cpu } from '@vqkit/core';
import { type CostMap, type QuantizerCost, quantizerCost } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { vq } from '@vqkit/quantizer-vq';

/** An image of 256² pixels at 1/16. */
export const f16Map = { height: 16, width: 16, scale: 16 } as const;

const dimension = 256;

/** Costs by what they are of, in the order of the table. The transformer of the dual codebook is the paper's. */
export function costRows(map: Pick<CostMap<never>, 'height' | 'width' | 'scale'>): Record<string, QuantizerCost> {
  const backend = cpu();
  const [dual, sim, plain] = [
    dualCodebook({ codes: 32, dimension }),
    simvq({ codes: 1024, dimension }),
    vq({ codes: 1024, dimension }),
  ];
  const rows = {
    'vq 1024': quantizerCost(plain, map),
    'simvq 1024': quantizerCost(sim, map),
    'simvq 1024, folded': quantizerCost(plain, { ...map, params: { codebook: sim.fold(sim.init(backend, 1)) } }),
    'product 2 × 32': quantizerCost(product({ codes: 32, dimension: dimension / 2 }, { parts: 2 }), map),
    'looc 32, 2 pieces': quantizerCost(looc({ codes: 32, pieces: 2, pieceDimension: dimension / 2 }), map),
    'residual 2 × 32': quantizerCost(residual({ codes: 32, dimension }, { depth: 2 }), map),
    'dual codebook 32 + 32': quantizerCost(dual, map),
    'dual codebook 32 + 32, folded': quantizerCost(dual, { ...map, params: dual.fold(dual.init(backend, 1)) }),
    'fsq 8, 5, 5, 5': quantizerCost(fsq({ levels: [8, 5, 5, 5] }), map),
    'lookup-free 10': quantizerCost(lfq({ bits: 10 }), map),
  };
  backend.dispose();
  return rows;
}
