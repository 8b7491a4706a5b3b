/** Every case of the kit, kernels first: when those fail, the rest says little. */
import type { ConformanceCase } from '../conformance-case.ts';
import { behaviourCases } from './behaviour.ts';
import { binaryCases } from './binary.ts';
import { compareCases } from './compare.ts';
import { compileCases } from './compile.ts';
import { compositeCases } from './composites.ts';
import { imageCompositeCases } from './composites-image.ts';
import { conv2dCases } from './conv2d.ts';
import { gatherCases } from './gather.ts';
import { gradientCases } from './gradients.ts';
import { layerGradientCases } from './gradients-layers.ts';
import { layoutGradientCases } from './gradients-layout.ts';
import { largeCases } from './large.ts';
import { layoutCases } from './layout.ts';
import { matmulCases } from './matmul.ts';
import { pool2dCases } from './pool2d.ts';
import { reduceCases } from './reduce.ts';
import { storageCases } from './storage.ts';
import { trainingCases } from './training-step.ts';
import { unaryCases } from './unary.ts';

/** All cases; names are unique. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...storageCases,
  ...unaryCases,
  ...binaryCases,
  ...compareCases,
  ...reduceCases,
  ...matmulCases,
  ...conv2dCases,
  ...pool2dCases,
  ...layoutCases,
  ...gatherCases,
  ...largeCases,
  ...compositeCases,
  ...imageCompositeCases,
  ...gradientCases,
  ...layoutGradientCases,
  ...layerGradientCases,
  ...compileCases,
  ...trainingCases,
  ...behaviourCases,
];
