/** Options of recipes in which a discriminator takes part. */
import type { OptionTable } from '../table/options.ts';
import { judgeNames } from './judge.ts';

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
