/**
 * The rows of TVQ & RAP's tables, at the sizes of our port: vanilla against texture codebook, codes against images in the last steps of the
 * predictor, and the size of the codebook; besides, other quantizers of as many bits for the texture.
 *
 * @see Li et al. 2025, arXiv:2509.23774, tables of the ablations
 */
import type { SrTokenizerOptions } from '@vqkit/training';

/** What a row trains. */
export type Stage = 'sr-tokenizer' | 'sr-predictor' | 'sr-rap';

/** One run. */
export interface TvqRow {
  readonly id: string;
  readonly label: string;
  /** Groups that `--rows` takes by one name. */
  readonly groups: readonly string[];
  readonly stage: Stage;
  /** The row that it starts from. */
  readonly from?: string;
  readonly options: Partial<Pick<SrTokenizerOptions, 'codes' | 'structure' | 'quantizer' | 'parts'>>;
}

/** The tables: what the rows of a group show side by side. */
export const tvqTables = [
  { number: 1, group: 'codebook', title: 'Vanilla against texture codebook, K = 1024: photos restored, and enlarged' },
  { number: 2, group: 'training', title: 'The last steps by codes alone against images (RAP)' },
  { number: 3, group: 'sizes', title: 'Size of the codebook: photos restored' },
  { number: 4, group: 'quantizers', title: 'Texture quantizers of 10 bits a position: photos restored' },
] as const;

const sizes = [256, 512, 1024] as const;

const tokenizer = (id: string, label: string, groups: readonly string[], options: TvqRow['options']): TvqRow => ({
  ...{ id, label, groups, options },
  stage: 'sr-tokenizer',
});

const predictor = (id: string, label: string, groups: readonly string[], from: string): TvqRow => ({
  ...{ id, label, groups, from, options: {} },
  stage: 'sr-predictor',
});

/** All rows; each comes after the one that it starts from. */
export const tvqRows: readonly TvqRow[] = [
  ...sizes.flatMap((codes) => {
    const groups = codes === 1024 ? ['codebook', 'sizes'] : ['sizes'];
    const others = codes === 1024 ? ['quantizers'] : [];
    return [
      tokenizer(`vanilla-${codes}`, `vanilla VQ, K = ${codes}`, groups, { codes, structure: 0 }),
      tokenizer(`texture-${codes}`, `texture VQ, K = ${codes}`, [...groups, ...others], { codes }),
    ];
  }),
  tokenizer('residual-2x32', 'texture by two residual stages of 32 (10 bits)', ['quantizers'], {
    codes: 32,
    quantizer: 'residual',
  }),
  tokenizer('looc-2x32', 'texture by LooC, two pieces of 32 codes (10 bits)', ['quantizers'], {
    codes: 32,
    quantizer: 'looc',
    parts: 2,
  }),
  predictor('vanilla-sr', 'SR on vanilla VQ, by codes', ['codebook'], 'vanilla-1024'),
  predictor('texture-sr', 'SR on texture VQ, by codes', ['codebook', 'training'], 'texture-1024'),
  predictor('codes-longer', '… and as many more steps by codes', ['training'], 'texture-sr'),
  {
    ...predictor('images-longer', '… and more steps by images (RAP)', ['training'], 'texture-sr'),
    stage: 'sr-rap',
  },
];

/** Rows by their names and those of groups, with the rows that they start from. @throws Error for an unknown name. */
export function rowsOf(names: readonly string[], rows: readonly TvqRow[] = tvqRows): TvqRow[] {
  const wanted = new Set<string>();
  const want = ({ id, from }: TvqRow): void => {
    wanted.add(id);
    if (from !== undefined) want(rows.find((row) => row.id === from)!);
  };
  for (const name of names) {
    const found = rows.filter((row) => name === 'all' || row.id === name || row.groups.includes(name));
    if (found.length === 0) throw new Error(`there is no row or group '${name}'`);
    found.forEach(want);
  }
  return rows.filter(({ id }) => wanted.has(id));
}
