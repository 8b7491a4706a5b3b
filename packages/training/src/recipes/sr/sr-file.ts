/** The file that the stages of super-resolution hand on: networks, texture quantizer, and how they were made. */
import { readFile } from 'node:fs/promises';
import { type Backend, loadTree, openSafetensors, type Quantizer, saveTree } from '@vqkit/core';
import type {
  TexturePredictorOptions,
  TexturePredictorParams,
  TextureTokenizerOptions,
  TextureTokenizerParams,
} from '@vqkit/models';
import { residual } from '@vqkit/quantizer-residual';
import { deadCodes, ema, vq } from '@vqkit/quantizer-vq';
import { reasonOf } from '../../data/photos.ts';
import type { DegradationName } from '../../data/reduce.ts';
import { TrainingError } from '../../errors.ts';

/** Texture quantizers: plain, or two residual stages of as many bits together. */
export const textureQuantizerNames = ['vq', 'residual'] as const;

/** A quantizer by name, as manifests of weights packages have it. */
export interface TextureQuantizerSpec {
  readonly name: (typeof textureQuantizerNames)[number];
  /** K of each stage. */
  readonly codes: number;
  /** D. */
  readonly dimension: number;
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
export function textureQuantizer({ name, codes, dimension }: TextureQuantizerSpec): Quantizer {
  const options = { codes, dimension, codebook: ema({ decay: 0.99 }), revival: deadCodes() };
  return (name === 'vq' ? vq(options) : residual(options, { depth: 2 })) as Quantizer;
}

/** Reads how a model was made. @throws TrainingError `DATA_MISSING` when it is not what `stage` publishes. */
export async function readSrInfo(path: string, stage: 'sr-tokenizer' | 'sr-predictor'): Promise<SrInfo> {
  try {
    const { metadata } = await openSafetensors(new Uint8Array(await readFile(path)));
    const info = JSON.parse(metadata.sr ?? 'null') as SrInfo | null;
    if (info === null) throw new Error('another kind of file');
    if (stage === 'sr-predictor' && info.predictor === undefined) throw new Error('a tokenizer without predictor');
    return info;
  } catch (cause) {
    throw new TrainingError({
      code: 'DATA_MISSING',
      message: `expected what the recipe ${stage} publishes at '${path}', got: ${reasonOf(cause)}`,
      fix: 'Name the .safetensors file of the stage before',
      cause,
    });
  }
}

/** Reads the tensors of a file that `readSrInfo` accepted; the caller disposes them. */
export async function readSr(backend: Backend, path: string): Promise<SrWeights> {
  return (await loadTree(backend, new Uint8Array(await readFile(path)))).tree as unknown as SrWeights;
}

/** The bytes of a file, in f32: the next stage goes on exactly where this one ended. */
export function writeSr(weights: SrWeights, info: SrInfo): Promise<Uint8Array> {
  return saveTree(weights, { metadata: { sr: JSON.stringify(info) } });
}
