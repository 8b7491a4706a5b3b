/** Options that the photo recipes share. */
import type { OptionTable } from '../../table/options.ts';

/** Data, losses and lengths. */
export const commonPhotoOptions = {
  data: { type: 'folder', description: 'training photos', isNeeded: true, mayChange: true },
  lpipsWeights: {
    type: 'file',
    description: 'SqueezeNet LPIPS weights (safetensors)',
    isNeeded: true,
    mayChange: true,
  },
  steps: { type: 'integer', description: 'steps of the whole run', default: 6000, min: 1, mayChange: true },
  crop: { type: 'integer', description: 'size of a crop in pixels', default: 128, min: 48, max: 1024, multipleOf: 16 },
  drawn: {
    type: 'number',
    description: 'share of the crops that are drawn (colours, shapes, lines, signs) instead of cut from photos',
    default: 0,
    min: 0,
    max: 1,
    mayChange: true,
  },
  decay: {
    type: 'number',
    description: 'share of the steps at the end in which the rate falls; 1: from the start',
    default: 0.2,
    min: 0,
    max: 1,
    mayChange: true,
  },
  half: {
    type: 'number',
    description: 'weight of L1 and LPIPS at half resolution; 0: none',
    default: 0,
    min: 0,
    max: 10,
  },
  optimizer: { type: 'choice', description: 'what moves the filters', choices: ['adam', 'muon'], default: 'adam' },
  heldOut: {
    type: 'file',
    description: 'names of photos to validate on and never to train on, one a line',
    mayChange: true,
  },
  validateSteps: { type: 'integer', description: 'steps between validations', default: 1000, min: 1, mayChange: true },
} as const satisfies OptionTable;
