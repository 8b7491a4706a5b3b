/** Options that the recipes of networks over index maps share. */
import type { OptionTable } from '../table/options.ts';
import { commonPhotoOptions } from './photo/photo-options.ts';

const { decay, optimizer } = commonPhotoOptions;

/** Whose maps, sizes of the network, and how it learns. */
export const transformerOptions = {
  tokenizer: {
    type: 'weights',
    description: 'weights whose indices are learned: an npm name, or a folder that vqkit train published',
    isNeeded: true,
    mayChange: true,
  },
  width: { type: 'integer', description: 'numbers per position', default: 192, min: 4, max: 1024 },
  blocks: { type: 'integer', description: 'blocks of the network', default: 6, min: 1, max: 64 },
  heads: { type: 'integer', description: 'heads; four times as many divide the width', default: 6, min: 1, max: 64 },
  rate: { type: 'number', description: 'peak learning rate', default: 5e-4, min: 1e-8, max: 1, mayChange: true },
  decay,
  optimizer,
} as const satisfies OptionTable;
