/** The file that the stages of super-resolution hand on: networks, texture quantizer, and how they were made. */
import { type Quantizer, saveTree } from '@vqkit/core';
import type {
  TexturePredictorOptions,
  TexturePredictorParams,
  TextureTokenizerOptions,
  TextureTokenizerParams,
} from '@vqkit/models';
import { residual } from '@vqkit/quantizer-residual';
import { deadCodes, ema, vq } from '@vqkit/quantizer-vq';
import type { DegradationName } from '../../data/reduce.ts';
import { readStageInfo } from '../stage-file.ts';

/** Texture quantizers: plain, or two residual stages of as many bits together. */
export const textureQuantizerNames = ['vq', 'residual'] as const;

/** A quantizer by name, as manifests of weights packages have it. */
export interface TextureQuantizerSpec {
  readonly name: (typeof textureQuantizerNames)[number];
  /** K of each stage. */
  readonly codes: number;
  /** D. */
  readonly dimension: number;
  /** Stages of `residual`. */
  readonly depth?: number;
}

/** How a model was made. */
export interface SrInfo {
  readonly model: TextureTokenizerOptions;
  readonly quantizer: TextureQuantizerSpec;
  readonly degradation: DegradationName;
  readonly predictor?: TexturePredictorOptions;
}

/** Tensors of a file. */
export interface SrWeights {
  readonly model: TextureTokenizerParams;
  readonly quantizer: unknown;
  readonly predictor?: TexturePredictorParams;
}

/** Makes the quantizer; its codes follow by averages, and those without use are replaced. */
export function textureQuantizer({ name, codes, dimension, depth = 2 }: TextureQuantizerSpec): Quantizer {
  const options = { codes, dimension, codebook: ema({ decay: 0.99 }), revival: deadCodes() };
  return (name === 'vq' ? vq(options) : residual(options, { depth })) as Quantizer;
}

/** Reads how a model was made. @throws TrainingError `DATA_MISSING` when it is not what `stage` publishes. */
export function readSrInfo(path: string, stage: 'sr-tokenizer' | 'sr-predictor'): Promise<SrInfo> {
  return readStageInfo(path, stage, ({ metadata }) => {
    const info = JSON.parse(metadata.sr ?? 'null') as SrInfo | null;
    if (info === null) throw new Error('another kind of file');
    if (stage === 'sr-predictor' && info.predictor === undefined) throw new Error('a tokenizer without predictor');
    return info;
  });
}

/** The bytes of a file, in f32: the next stage goes on exactly where this one ended. */
export function writeSr(weights: SrWeights, info: SrInfo): Promise<Uint8Array> {
  return saveTree(weights, { metadata: { sr: JSON.stringify(info) } });
}
