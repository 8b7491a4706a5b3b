/** The composite ops that run as kernels of tfjs. */
import type { Attributes, CompositeKernels } from '@vqkit/core';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import { conv2dFused } from './conv2d-fused.ts';
import { nearestCode } from './nearest-code.ts';
import { leakyRelu, resize, softmax, supportsResize } from './simple.ts';

/** Overrides by name. */
export const compositeTfKernels = { conv2dFused, nearestCode, softmax, leakyRelu, resize } as const satisfies {
  readonly [K in keyof CompositeKernels]?: TfKernel<CompositeKernels[K]>;
};

/** Whether an override exists for these attributes. */
export function hasOverride(kernel: string, attributes: Attributes): boolean {
  if (!Object.hasOwn(compositeTfKernels, kernel)) return false;
  return kernel !== 'resize' || supportsResize(attributes as CompositeKernels['resize']);
}
