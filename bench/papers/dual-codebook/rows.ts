/**
 * Dual codebook against what it must beat: a single table, and two halves without the transformer, plain and with CVQ
 * anchors, which the paper leaves out. On small images, with the small network: two halves of 64, a transformer of 2
 * layers, 4 heads, 256 wide. All rows match by distance, and their losses are sums over the halves.
 *
 * @see Boodaghi Malidarreh et al. 2025, arXiv:2503.10832 (photographs; no numbers for these data sets)
 */
import { type CodebookOptions, cvqAnchors, learned } from '@vqkit/core/codebook';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { product } from '@vqkit/quantizer-product';
import { vq } from '@vqkit/quantizer-vq';
import { anyQuantizer, type PaperRow } from '../shared/row.ts';

const dimension = 128;
const transformer = { layers: 2, heads: 4, feedForward: 256, scale: 0.1 };

const dual = (codes: number) => () => anyQuantizer(dualCodebook({ codes, dimension, transformer }));
/** Losses are means over the parts here and sums in dual codebook: doubled weights make them equal. */
const halves =
  (codes: number, more: Partial<CodebookOptions> = {}) =>
  () =>
    anyQuantizer(
      product(
        { codes, dimension: dimension / 2, commitment: 0.5, codebook: learned({ weight: 2 }), ...more },
        { parts: 2 },
      ),
    );
/** Revival of unused codes, which plain tables lack. */
const revival = cvqAnchors({ kind: 'closest' });
const single = (codes: number) => () => anyQuantizer(vq({ codes, dimension }));

const row = (id: string, label: string, group: string, quantizer: PaperRow['quantizer']): PaperRow => ({
  id,
  label,
  groups: [group],
  dimension,
  quantizer,
});

const weak = halves(512, { revival, commitment: 0.25, codebook: learned() });

/** All rows, in the order of the table. */
export const dualRows: readonly PaperRow[] = [
  row('single-512', 'One table of 512 (9 bits)', 'paper', single(512)),
  row('dual-512', 'Dual 512 + 512 (18 bits)', 'paper', dual(512)),
  row('halves-512', 'Two plain halves 512 + 512 (18 bits)', 'paper', halves(512)),
  row('revived-halves-512', 'Two halves 512 + 512 with CVQ anchors (18 bits)', 'paper', halves(512, { revival })),
  row(
    'revived-halves-512-half',
    'Two halves 512 + 512 with CVQ anchors, losses of half the weight (18 bits)',
    'weights',
    weak,
  ),
  row('single-1024', 'One table of 1024 (10 bits)', 'bits', single(1024)),
  row('dual-32', 'Dual 32 + 32 (10 bits)', 'bits', dual(32)),
  row('halves-32', 'Two plain halves 32 + 32 (10 bits)', 'bits', halves(32)),
];
