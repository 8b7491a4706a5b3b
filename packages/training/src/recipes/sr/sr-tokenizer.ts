/**
 * The first stage of super-resolution: a tokenizer that splits images into structure and quantized texture. Likeness (L1 and
 * LPIPS) and the codebook from the start, a discriminator later; the structure is pulled to the code of the reduced image,
 * which learns by its own pixels alone. With `--structure 0` it is the vanilla tokenizer, the control.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774, stage 1
 */
import { disposeTree, mean, square, stopGradient, sub, type Tensor, tensorsOf } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import { type TextureTokenizerOptions, type TextureTokenizerParams, textureTokenizer } from '@vqkit/models';
import { type ImagePairs, openPairFolder } from '../../data/photo-folder.ts';
import { degradationNames } from '../../data/reduce.ts';
import type { Recipe } from '../../loop/recipe.ts';
import {
  completeOptions,
  identityOf,
  type OptionsGiven,
  type OptionTable,
  type OptionValues,
} from '../../table/options.ts';
import { adversarialOptions } from '../adversarial-options.ts';
import { type CodedModel, type CodedState, codedTraining, codesOf } from '../coded-training.ts';
import { photoRun } from '../photo/photo-run.ts';
import { type NamedQuantizerSpec, quantizerOptions, quantizerSpec } from '../quantizers.ts';
import { restoreStage } from '../stage-file.ts';
import { readPredictor, type SrWeights, writeSr } from './sr-file.ts';
import { commonSrOptions } from './sr-options.ts';

/** Options of the recipe. */
export const srTokenizerOptions = {
  ...commonSrOptions,
  ...adversarialOptions,
  steps: { ...commonSrOptions.steps, default: 30_000 },
  degradation: {
    type: 'choice',
    description: 'how small images come about: MATLAB bicubic, or as on the web, mildly or in full',
    choices: degradationNames,
    default: 'bicubic',
  },
  ...quantizerOptions,
  codes: { ...quantizerOptions.codes, default: 1024, max: 8192 },
  dimension: { ...quantizerOptions.dimension, default: 32, max: 256 },
  structure: {
    type: 'integer',
    description: 'channels of the structure; 0: the vanilla tokenizer',
    default: 16,
    min: 0,
    max: 256,
  },
  skip: {
    type: 'integer',
    description: 'residual blocks by which the decoder also sees the small image; 0: not at all, as in the paper',
    default: 2,
    min: 0,
    max: 16,
  },
  from: {
    type: 'file',
    description: 'what a stage published, to start from, also of another degradation; its predictor is handed on',
    mayChange: true,
  },
  warmup: {
    type: 'integer',
    description: 'steps without quantization at the start (default: 500, with --from 0)',
    min: 0,
  },
  delay: { type: 'integer', description: 'steps before the discriminator begins', default: 5000, min: 0 },
} as const satisfies OptionTable;

/** Choices of a run; `network` has the sizes of the networks besides those among the options. */
export type SrTokenizerOptions = OptionsGiven<typeof srTokenizerOptions> & {
  readonly network?: TextureTokenizerOptions;
};

/** What gradients move: the networks, and the texture quantizer where its codes do not follow by averages. */
export interface SrTokenizerModel extends TextureTokenizerParams, CodedModel {}

/** The training state. */
export type SrTokenizerState = CodedState<SrTokenizerModel>;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID` */
export function srTokenizerRecipe({
  network: sizes,
  ...given
}: SrTokenizerOptions): Recipe<SrTokenizerState, LpipsParams, ImagePairs> {
  const options = completeOptions('sr-tokenizer', srTokenizerOptions, given);
  const { steps, batch, crop, degradation, codes, structure, skip, from } = options;
  const { warmup = from ? 0 : 500 } = options;
  const spec = quantizerSpec(options);
  const layerOf = ({ decoder }: SrTokenizerModel): unknown => Object.values(decoder.tail).at(-1);
  const training = codedTraining<SrTokenizerModel>({ ...options, spec, warmup, layerOf });
  const { quantizer, phase } = training;
  const { dimension } = quantizer;
  const modelOptions: TextureTokenizerOptions = { ...sizes, dimension, structure, skip };
  const model = textureTokenizer(modelOptions);
  const seen = (small: Tensor): Tensor | undefined => (skip > 0 ? small : undefined);

  type Validated = Pick<SrTokenizerState, 'model' | 'quantizer'>;
  const restore = (state: Validated, x: Tensor, small?: Tensor) => {
    const { model: params } = state;
    const own = codesOf(state);
    const { texture, base } = model.encode(params, x);
    const indices = quantizer.encode(own, texture);
    return { xHat: model.decode(params, quantizer.decode(own, indices), base, seen(small!)), indices };
  };
  const run = photoRun(options, restore, degradation);
  /** What the method asks of the structure: to be the code of the reduced image, which its small autoencoder makes. */
  const structureLosses = (
    params: TextureTokenizerParams,
    x: Tensor,
    found: Tensor | undefined,
  ): Readonly<Record<string, Tensor>> => {
    if (found === undefined) return {};
    const { image, code, restored } = model.reduce(params, x);
    return { align: mean(square(sub(found, stopGradient(code)))), small: mean(square(sub(restored, image))) };
  };

  return {
    name: 'sr-tokenizer',
    identity: identityOfRun({ ...options, warmup }, spec, modelOptions),
    steps,
    schedule: run.schedule(100),
    phase,
    init: async (backend, seed) => {
      const own = quantizer.init(backend, seed);
      const fresh: SrWeights = { model: model.init(backend, seed), quantizer: own };
      const start = from ? await restoreStage(backend, from, 'sr-tokenizer', fresh) : fresh;
      return training.init(backend, seed, start.model, start.quantizer);
    },
    constants: run.loadLpips,
    step: (phase, state, { batch: { large: x, small }, ...inputs }, lpips) =>
      training.step(phase, state, x, inputs, lpips, (params, code) => {
        const { texture, base, structure: found } = model.encode(params, x);
        const coded = code(texture);
        const losses = { ...coded.losses, ...structureLosses(params, x, found) };
        return { ...coded, xHat: model.decode(params, coded.zQ, base, seen(small)), losses };
      }),
    before: (at, state, source) =>
      training.start(at, state, source, {
        imagesOf: ({ large }) => large,
        encode: (params, x) => model.encode(params, x).texture,
        codes,
        vectors: batch * (crop / 8) ** 2,
      }),
    open: async (seed) => openPairFolder({ ...(await run.crops(seed)), degradation }),
    validation: run.validation(({ average, quantizer: own }, at) =>
      at > warmup ? { model: average, quantizer: own } : undefined,
    ),
    publish: async ({ average, quantizer: own }) => {
      const { quantizer: learned, ...networks } = average;
      const handed = from ? await readPredictor(tensorsOf(networks)[0]!.backend, from) : undefined;
      const info = { model: modelOptions, quantizer: spec, degradation, ...handed?.info };
      const weights = { model: networks, quantizer: own ?? learned, ...handed?.weights };
      const bytes = await writeSr(weights, info);
      disposeTree(handed?.weights);
      return { 'sr-tokenizer.safetensors': bytes };
    },
  };
}

/** What a checkpoint must agree in; sizes that the quantizer does not take are none of it. */
function identityOfRun(
  options: OptionValues<typeof srTokenizerOptions>,
  spec: NamedQuantizerSpec,
  network: TextureTokenizerOptions,
): Record<string, unknown> {
  const { parts, depth, levels, bits, ...own } = options;
  return { ...identityOf(srTokenizerOptions, own), ...(spec.name !== 'vq' && { quantizer: spec }), network };
}
