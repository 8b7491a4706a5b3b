/** Options that the recipes of super-resolution share. */
import type { OptionTable } from '../../table/options.ts';
import { judgeNames } from '../judge.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';

/** Data, losses and lengths. */
export const commonSrOptions = {
  ...commonPhotoOptions,
  batch: { type: 'integer', description: 'pairs per step', default: 16, min: 1 },
  rate: { type: 'number', description: 'peak learning rate', default: 3e-4, min: 1e-8, max: 1, mayChange: true },
} as const satisfies OptionTable;

/** The adversarial loss. */
export const adversarialOptions = {
  adversarial: {
    type: 'number',
    description:
      'length of the adversarial gradient relative to the others, at the layer where they are compared; 0: none',
    default: 0.3,
    min: 0,
    max: 10,
  },
  discriminator: {
    type: 'choice',
    description: 'judges pixels, SqueezeNet features, or these with the codes',
    choices: judgeNames,
    default: 'projected',
  },
} as const satisfies OptionTable;
