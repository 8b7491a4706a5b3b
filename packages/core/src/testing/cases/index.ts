/** Every case of the kit, kernels first: when those fail, the rest says little. */
import type { ConformanceCase } from '../conformance-case.ts';
import { attentionCases } from './attention.ts';
import { binaryCases } from './binary.ts';
import { codebookCases } from './codebooks.ts';
import { compareCases } from './compare.ts';
import { compileCases } from './compile.ts';
import { compositeCases } from './composites.ts';
import { conv2dCases } from './conv2d.ts';
import { determinismCases } from './determinism.ts';
import { errorCases } from './errors.ts';
import { gatherCases } from './gather.ts';
import { gradientCases } from './gradients.ts';
import { layerGradientCases } from './gradients-layers.ts';
import { layoutGradientCases } from './gradients-layout.ts';
import { productGradientCases } from './gradients-products.ts';
import { ruleGradientCases } from './gradients-rules.ts';
import { joinCases } from './join.ts';
import { largeCases } from './large.ts';
import { layoutCases } from './layout.ts';
import { lifetimeCases } from './lifetimes.ts';
import { matmulCases } from './matmul.ts';
import { normCases } from './norms.ts';
import { optimizerCases } from './optimizers.ts';
import { pool2dCases } from './pool2d.ts';
import { reduceCases } from './reduce.ts';
import { resizeCases } from './resize.ts';
import { signatureCases } from './signatures.ts';
import { storageCases } from './storage.ts';
import { trainingCases } from './training-step.ts';
import { unaryCases } from './unary.ts';

const kernelCases = [
  ...storageCases,
  ...unaryCases,
  ...binaryCases,
  ...compareCases,
  ...reduceCases,
  ...matmulCases,
  ...conv2dCases,
  ...pool2dCases,
  ...layoutCases,
  ...joinCases,
  ...gatherCases,
  ...largeCases,
];

const overrideCases = [
  ...compositeCases,
  ...normCases,
  ...attentionCases,
  ...resizeCases,
  ...codebookCases,
  ...optimizerCases,
];

const differentiationCases = [
  ...gradientCases,
  ...productGradientCases,
  ...layoutGradientCases,
  ...layerGradientCases,
  ...ruleGradientCases,
];

/** All cases; names are unique. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...kernelCases,
  ...overrideCases,
  ...differentiationCases,
  ...signatureCases,
  ...compileCases,
  ...trainingCases,
  ...determinismCases,
  ...lifetimeCases,
  ...errorCases,
];
