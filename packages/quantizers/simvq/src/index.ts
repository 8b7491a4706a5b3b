/** `@vqkit/quantizer-simvq`: a frozen codebook through one learned linear map. */
export { type SimvqOptions, type SimvqParams, type SimvqQuantizer, simvq } from './simvq.ts';
