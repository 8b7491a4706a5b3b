/** What the page of the results says. */
import { fileColumns, type PhotoPage } from '../shared/photo-pages.ts';
import type { PhotoResult } from '../shared/photo-rows.ts';

const { 'bytes a file': bytes } = fileColumns;

/** A score of the photos held out. */
const heldOut =
  (name: string, digits: number) =>
  ({ heldOut: scores }: PhotoResult): string =>
    scores[name]?.toFixed(digits) ?? '–';

/** The page. */
export const ideasPage: PhotoPage<PhotoResult> = {
  title: 'What was tried for the photo tokenizer',
  about: ([first]) => {
    const { steps, batch, crop, seed, files } = first!;
    return [
      `All rows of a table are trained alike but for what they are named after: ${steps} steps of ${batch} crops of ${crop}² pixels, seed ${seed}; L1 and LPIPS (SqueezeNet), from nothing. Scores are of the training photos that are held out,`,
      'by the averaged weights; the Fréchet distance is that of SqueezeNet features of crops. Only LPIPS, PSNR and MS-SSIM of rows with the same number of codes have been paid for with the same bits: bytes are',
      `those of \`.vqk\` files of ${files.pictures} pictures of Kodak.`,
      'The decoder alone goes on from the first row, with the codes of all sizes; its first row is where the others start from.',
    ];
  },
  columns: {
    idea: ({ label }) => label,
    LPIPS: heldOut('lpips', 4),
    'MS-SSIM': heldOut('msSsim', 4),
    PSNR: heldOut('psnr', 2),
    'Fréchet distance': heldOut('frechet', 0),
    'codes used': heldOut('usedCodes', 0),
    'bytes a file': bytes,
    'parameters, M': ({ parameters }) => (parameters / 1e6).toFixed(2),
    minutes: ({ trainingSeconds }) => Math.round(trainingSeconds / 60),
  },
  tables: { 'stage-1': 'Everything, from nothing', decoder: 'The decoder alone, on from the first row' },
  groupName: (group) => (group === 'decoder' ? 'the decoder alone' : 'everything'),
};
