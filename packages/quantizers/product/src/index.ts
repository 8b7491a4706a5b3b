/** `@vqkit/quantizer-product`: product quantization, with a learned rotation (OPQ). */
export { deadCodes, ema, fixed, learned } from '@vqkit/core/codebook';
export { type CodebookProduct, type LearnRotationOptions, learnRotation } from './learn-rotation.ts';
export { type ProductOptions, type ProductParams, type ProductQuantizer, product } from './product.ts';
export { startParts } from './start-parts.ts';
