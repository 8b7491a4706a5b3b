/** What the page of the results says. */
import { fileColumns, type PhotoPage } from '../shared/photo-pages.ts';
import type { PhotoResult } from '../shared/photo-rows.ts';

/** Codebooks of FSQ and LFQ are of a few values each, which all occur. */
const hasCodes = ({ row }: PhotoResult): boolean => !/^(fsq|lookup-free)/.test(row);

/** The page. */
export const plugPage: PhotoPage<PhotoResult> = {
  title: 'The photo tokenizer with every quantizer',
  about: ([first]) => {
    const { steps, batch, crop, seed, files } = first!;
    return [
      `All rows are trained alike from nothing: ${steps} steps of ${batch} crops of ${crop}² pixels, L1 and LPIPS, seed ${seed}. The codes of \`vq\` start by k-means and follow by averages, those of the others follow`,
      `gradients. Files are \`.vqk\` files of ${files.pictures} pictures of Kodak, with priors that the entropy coder learned for each row from the same training photos; LPIPS (SqueezeNet) is also a training loss.`,
      'Codes used: mean over the codebooks; FSQ and LFQ have no codes but values.',
    ];
  },
  columns: {
    quantizer: ({ label }) => label,
    ...fileColumns,
    'codes used, %': (result) => (hasCodes(result) ? (100 * result.files.usage).toFixed(1) : '–'),
    'parameters, M': ({ parameters }) => (parameters / 1e6).toFixed(2),
    minutes: ({ trainingSeconds }) => Math.round(trainingSeconds / 60),
  },
  tables: { '11': 'About 11 bits a position', '22': 'About 22 bits a position' },
  groupName: (group) => `about ${group} bits a position`,
};
