/** Options that the recipes of super-resolution share. */
import type { OptionTable } from '../../table/options.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';

/** Data, losses and lengths. */
export const commonSrOptions = {
  ...commonPhotoOptions,
  batch: { type: 'integer', description: 'pairs per step', default: 16, min: 1 },
  rate: { type: 'number', description: 'peak learning rate', default: 3e-4, min: 1e-8, max: 1, mayChange: true },
} as const satisfies OptionTable;
