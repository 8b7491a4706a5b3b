/** A row of a table: a quantizer, and what the paper reports for it. */
import type { Quantizer } from '@vqkit/core';
import type { AnyQuantizer } from '@vqkit/training';

/** What is trained and measured. */
export interface PaperRow {
  /** For `--rows`. */
  readonly id: string;
  readonly label: string;
  /** Groups of rows that `--rows` takes by one name. */
  readonly groups: readonly string[];
  /** D of the network; the quantizer's dimension. */
  readonly dimension: number;
  readonly quantizer: () => AnyQuantizer;
  /** K and m, for the axes of pictures. */
  readonly size?: { readonly codes: number; readonly pieces: number };
  /** Id of the row that this one is without the CVQ rule, and otherwise equal to: maps of their codes stand side by side. */
  readonly withoutRuleOf?: string;
  /** The paper's numbers by data set. */
  readonly paper?: Readonly<Record<string, PaperNumbers>>;
}

/** Published values; missing ones are left out. */
export interface PaperNumbers {
  /** Mean absolute error on [0, 1]; the papers' "loss". */
  readonly mae?: number;
  readonly psnr?: number;
  readonly ssim?: number;
}

/** A table of a paper: which rows, and what its picture draws PSNR against. */
export interface PaperTable {
  readonly number: number;
  readonly title: string;
  /** Ids of rows, in their order. */
  readonly rows: readonly string[];
  readonly axis: PictureAxis;
  /** What the paper's table shows, in a sentence, where it has no columns that stand beside ours. */
  readonly note?: string;
}

/** Index bits per pixel, pieces m, or codes K. */
export type PictureAxis = 'bits' | 'pieces' | 'codes';

/** Hides a quantizer's types. */
export function anyQuantizer<P, S>(quantizer: Quantizer<P, S>): AnyQuantizer {
  return quantizer as unknown as AnyQuantizer;
}
