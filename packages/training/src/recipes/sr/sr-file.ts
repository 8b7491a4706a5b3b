/** The file that the stages of super-resolution hand on: networks, texture quantizer, and how they were made. */
import { type Backend, disposeTree, saveTree } from '@vqkit/core';
import type {
  TexturePredictorOptions,
  TexturePredictorParams,
  TextureTokenizerOptions,
  TextureTokenizerParams,
} from '@vqkit/models';
import type { DegradationName } from '../../data/reduce.ts';
import type { NamedQuantizerSpec } from '../quantizers.ts';
import { readStageInfo, readStageTensors } from '../stage-file.ts';

/** How a model was made. */
export interface SrInfo {
  readonly model: TextureTokenizerOptions;
  readonly quantizer: NamedQuantizerSpec;
  readonly degradation: DegradationName;
  readonly predictor?: TexturePredictorOptions;
}

/** Tensors of a file. */
export interface SrWeights {
  readonly model: TextureTokenizerParams;
  readonly quantizer: unknown;
  readonly predictor?: TexturePredictorParams;
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

/** The predictor of a file, if it has one, and its sizes; the caller disposes it. */
export async function readPredictor(
  backend: Backend,
  path: string,
): Promise<{ readonly info: Pick<SrInfo, 'predictor'>; readonly weights: Pick<SrWeights, 'predictor'> } | undefined> {
  const { predictor: sizes } = await readSrInfo(path, 'sr-tokenizer');
  if (sizes === undefined) return undefined;
  const { predictor, ...others } = await readStageTensors<Required<SrWeights>>(backend, path);
  disposeTree(others);
  return { info: { predictor: sizes }, weights: { predictor } };
}

/** The bytes of a file, in f32: the next stage goes on exactly where this one ended. */
export function writeSr(weights: SrWeights, info: SrInfo): Promise<Uint8Array> {
  return saveTree(weights, { metadata: { sr: JSON.stringify(info) } });
}
