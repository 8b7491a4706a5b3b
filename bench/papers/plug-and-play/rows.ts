/**
 * The rows: the photo tokenizer with every quantizer, at about 11 and about 22 bits a position. It is LooC's table 2 at our scale, with
 * what that leaves out: equal bits, and the bytes of files.
 *
 * @see Li, Wong & Han 2026, arXiv:2601.00222, table 2
 */
import type { PhotoRecipeOptions, QuantizerName } from '@vqkit/training';
import type { PhotoRow } from '../shared/photo-rows.ts';

/** A quantizer and its sizes. */
export type RowOptions = Pick<
  PhotoRecipeOptions,
  'quantizer' | 'codes' | 'dimension' | 'parts' | 'depth' | 'levels' | 'bits'
>;

/** One run. */
export interface PlugRow extends PhotoRow {
  /** Bits of a position that it stands for. */
  readonly group: '11' | '22';
  readonly options: RowOptions & { readonly quantizer: QuantizerName };
}

/** Numbers of a latent position, where the quantizer does not fix them. */
const dimension = 16;

const row = (
  group: PlugRow['group'],
  quantizer: QuantizerName,
  sizes: string,
  options: Omit<RowOptions, 'quantizer'>,
): PlugRow => ({
  id: `${quantizer}-${group}bit`,
  label: `${quantizer} ${sizes}`,
  group,
  options: { quantizer, ...options },
});

/** Quantizers whose bits are those of several small books: so many pieces, parts or stages of 45 codes, and two books of `half`. */
const composed = (group: PlugRow['group'], count: number, half: number): PlugRow[] => [
  row(group, 'looc', `${count} × 45`, { codes: 45, dimension, parts: count }),
  row(group, 'dual-codebook', `2 × ${half}`, { codes: half, dimension }),
  row(group, 'product', `${count} × 45`, { codes: 45, dimension, parts: count }),
  row(group, 'residual', `${count} × 45`, { codes: 45, dimension, depth: count }),
];

/** All rows. A single codebook of 22 bits would have 4 million codes: `vq` and `simvq` have rows of 11 bits alone. */
export const plugRows: readonly PlugRow[] = [
  row('11', 'vq', '2048', { codes: 2048, dimension }),
  row('11', 'simvq', '2048', { codes: 2048, dimension }),
  ...composed('11', 2, 45),
  row('11', 'fsq', '8·8·6·5', { levels: [8, 8, 6, 5] }),
  row('11', 'lookup-free', '11', { bits: 11 }),
  ...composed('22', 4, 2048),
  row('22', 'fsq', '8·8·8·8·6·6·5·5', { levels: [8, 8, 8, 8, 6, 6, 5, 5] }),
  row('22', 'lookup-free', '22', { bits: 22 }),
];
