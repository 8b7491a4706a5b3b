/**
 * The rows: dual codebook inside VQGAN against a single table and against two halves without the transformer, plain and with CVQ
 * anchors, which the paper leaves out; and the same at equal bits. They are those of the small network (`../dual-codebook/rows.ts`), with
 * anchors in the local table of the dual codebook besides. Codes follow gradients in all of them, as in the paper's code.
 *
 * @see Boodaghi Malidarreh et al. 2025, arXiv:2503.10832
 */
import type { Quantizer } from '@vqkit/core';
import { quantizers, type VqganRecipeOptions } from '@vqkit/training';
import { dualRows } from '../dual-codebook/rows.ts';
import type { PhotoRow } from '../shared/photo-rows.ts';

/** One run: tables of so many codes, and how they follow. */
export interface DualRow extends PhotoRow {
  readonly codes: number;
  readonly quantizer: 'vq' | 'dual-codebook' | 'product';
  readonly follow: NonNullable<VqganRecipeOptions['follow']>;
}

const row = (
  id: string,
  group: string,
  quantizer: DualRow['quantizer'],
  codes: number,
  follow: DualRow['follow'] = 'gradients',
): DualRow => ({
  ...{ id, group, quantizer, codes, follow },
  label: dualRows.find((own) => own.id === id)?.label ?? `Dual ${codes} + ${codes} with CVQ anchors (18 bits)`,
});

/** All rows: sizes of the paper, then 10 bits alike. No single table has 18 bits: it would be of 262,144 codes. */
export const dualVqganRows: readonly DualRow[] = [
  row('single-512', 'paper', 'vq', 512),
  row('dual-512', 'paper', 'dual-codebook', 512),
  row('halves-512', 'paper', 'product', 512),
  row('revived-halves-512', 'paper', 'product', 512, 'anchors'),
  row('revived-dual-512', 'paper', 'dual-codebook', 512, 'anchors'),
  row('single-1024', 'bits', 'vq', 1024),
  row('dual-32', 'bits', 'dual-codebook', 32),
  row('halves-32', 'bits', 'product', 32),
];

/** D of a network of this width: twice that, as in the paper (256 of 128). */
export const dimensionOf = (width: number): number => 2 * width;

/** The quantizer of a row. @param dimension  D. */
export function quantizerOf({ quantizer, codes }: DualRow, dimension: number): Quantizer<unknown, unknown> {
  const made =
    quantizer === 'product'
      ? quantizers.product({ codes, dimension: dimension / 2, parts: 2 })
      : quantizers[quantizer]({ codes, dimension });
  return made as unknown as Quantizer<unknown, unknown>;
}
