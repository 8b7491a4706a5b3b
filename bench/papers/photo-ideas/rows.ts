/**
 * The rows: what was tried to make the photo tokenizer better, each idea alone in place of what the published weights are trained with.
 * The second table is of the decoder alone, which goes on from the first row with other losses.
 */
import type { PhotoRecipeOptions, PhotoTextureOptions } from '@vqkit/training';
import type { PhotoRow } from '../shared/photo-rows.ts';

/** Choices of the first stage. */
type FirstOptions = Pick<
  PhotoRecipeOptions,
  'optimizer' | 'half' | 'quantizer' | 'codes' | 'dimension' | 'gradient' | 'metric' | 'shortcut' | 'drawn'
>;

/** A run of everything from nothing. */
export interface FirstRow extends PhotoRow {
  readonly group: 'stage-1';
  readonly options: FirstOptions;
}

/** A run of the decoder alone, on from another row. */
export interface DecoderRow extends PhotoRow {
  readonly group: 'decoder';
  readonly from: string;
  /** Without one the decoder only goes on. */
  readonly discriminator?: PhotoTextureOptions['discriminator'];
}

/** One run. */
export type IdeaRow = FirstRow | DecoderRow;

/** How the published weights are trained, but for the drawn crops. */
const base: FirstOptions = { optimizer: 'muon', codes: 4096, dimension: 16 };

const first = (id: string, label: string, change: FirstOptions = {}): FirstRow => ({
  ...{ id, label, group: 'stage-1' },
  options: { ...base, ...change },
});

const decoder = (id: string, label: string, from: string, discriminator?: DecoderRow['discriminator']): DecoderRow => ({
  ...{ id, label, group: 'decoder', from },
  ...(discriminator && { discriminator }),
});

/** All rows; a row stands behind the one that it goes on from. */
export const ideaRows: readonly IdeaRow[] = [
  first('base', 'Muon, 4096 codes of 16 numbers'),
  first('adam', 'Adam in place of Muon', { optimizer: 'adam' }),
  first('half', 'L1 and LPIPS at half resolution, too', { half: 0.5 }),
  first('codes-2048', '2048 codes', { codes: 2048 }),
  first('codes-8192', '8192 codes', { codes: 8192 }),
  first('dimension-8', 'codes of 8 numbers', { dimension: 8 }),
  first('dimension-32', 'codes of 32 numbers', { dimension: 32 }),
  first('cosine', 'codes of length 1, by cosine', { metric: 'cosine' }),
  first('rotation', 'gradient by rotation', { gradient: 'rotation' }),
  first('simvq', 'SimVQ', { quantizer: 'simvq' }),
  first('shortcut', 'space-to-channel shortcuts', { shortcut: 'spaceToChannel' }),
  first('drawn', '6 % of the crops drawn', { drawn: 0.06 }),
  decoder('rates', 'codebooks of all sizes', 'base'),
  decoder('rates-on', 'the same, prolonged', 'rates'),
  decoder('patch', 'and a discriminator of pixels', 'rates', 'patch'),
  decoder('projected', 'and one of SqueezeNet features', 'rates', 'projected'),
  decoder('conditioned', 'and one of these with the codes', 'rates', 'conditioned'),
];
