/**
 * Generators: networks that learn to draw the maps of a frozen tokenizer, index by index or as features, of a class where
 * the images have one. Maps are made on the fly; what is published is the average of the last steps, with decoder and codes
 * beside it.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200; Li, Wong & Han 2026 (LooC), arXiv:2601.00222, section 4.3
 */
import {
  compile,
  disposeTree,
  type HostTensor,
  random,
  stack,
  type Tensor,
  tidy,
  uploadTree,
  valueAndGrad,
} from '@vqkit/core';
import { slotTables } from '@vqkit/models';
import { loadModel, type TokenizerModel } from '@vqkit/tokenizer';
import { packGenerator } from '@vqkit/tokenizer/generation';
import { openWeights } from '@vqkit/tokenizer/node';
import type { OnHost } from '../../data/batch-source.ts';
import { readIdx, readIdxLabels } from '../../data/idx.ts';
import { TrainingError } from '../../errors.ts';
import type { Recipe, RecipeIdentity } from '../../loop/recipe.ts';
import { completeOptions, identityOf } from '../../table/options.ts';
import { idOf } from '../id-of.ts';
import { type Learned, learner } from '../photo/learner.ts';
import { quantizers } from '../quantizers.ts';
import { runSchedule } from '../run-schedule.ts';
import {
  type LabelledBatch,
  type LabelledSet,
  labelledImageSet,
  photoImageSet,
  unlabelled,
} from '../vqvae/image-sets.ts';
import type { DrawingMethod, Draws, FrozenCoder } from './drawing-method.ts';
import { flowMethod } from './flow-method.ts';
import { type GeneratorRecipeOptions, type GeneratorValues, generatorOptions } from './generator-options.ts';
import { maskedMethod } from './masked-method.ts';

/** The whole training state. */
export interface GeneratorState extends Learned<unknown> {
  readonly network: unknown;
  /** What was measured at the start, such as the scale of features. */
  readonly fixed: Draws;
}

/** A batch: images, and what is random in the step. */
export interface GeneratorBatch extends LabelledBatch {
  readonly draws: Draws;
}

/** What a recipe is made of, where images and tokenizer are at hand. */
export interface GeneratorParts {
  readonly images: LabelledSet;
  readonly tokenizer: TokenizerModel;
  readonly identity: RecipeIdentity;
}

/** Share of the images whose class is not told, so that a class can be followed further than it is likely. */
const untold = 0.1;

/** Images that the scale of features is measured on. */
const measured = 1000;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING`, `IMAGE_UNREADABLE`; TokenizerError for the weights */
export async function generatorRecipe(
  given: GeneratorRecipeOptions,
): Promise<Recipe<GeneratorState, FrozenCoder, GeneratorBatch>> {
  const options = completeOptions('generator', generatorOptions, given);
  const { data, crop } = options;
  const weights = typeof options.tokenizer === 'string' ? await openWeights(options.tokenizer) : options.tokenizer;
  const tokenizer = await loadModel(weights, { quantizers });
  const idx = await readIdx(data);
  const images = idx
    ? labelledImageSet(idx, await labelsOf(data, idx.length), Math.max(1, Math.floor(idx.length / 12)))
    : unlabelled(await photoImageSet(data, crop));
  const identity = { ...identityOf(generatorOptions, options), images: [images.count, ...images.size] };
  return generatorRecipeOf(options, { images, tokenizer, identity });
}

async function labelsOf(data: string, count: number): Promise<Uint8Array | undefined> {
  const labels = await readIdxLabels(data);
  if (labels === undefined || labels.length === count) return labels;
  throw new TrainingError({
    code: 'IMAGE_UNREADABLE',
    message: `expected a label of each of ${count} images, got ${labels.length}`,
    fix: 'Download images and labels again',
  });
}

/** The recipe for images and a tokenizer that are at hand. @throws TrainingError `OPTION_INVALID` where they do not fit. */
export function generatorRecipeOf(
  options: Omit<GeneratorValues, 'data' | 'tokenizer'>,
  { images, tokenizer, identity }: GeneratorParts,
): Recipe<GeneratorState, FrozenCoder, GeneratorBatch> {
  const { width, blocks, heads, batch, steps: length, method: kind, validateSteps: every } = options;
  const { network: coder, manifest, rates } = tokenizer;
  const { quantizer, params: codes } = rates.at(-1)!;
  checkFit(images, tokenizer, batch);
  const [h, w] = images.size.map((side) => side / coder.scale) as [number, number];
  const { classes } = images;
  const sizes = { dimension: coder.dimension, width, blocks, heads, classes };
  const method = (
    kind === 'masked' ? maskedMethod(sizes, tokenizer, [h, w]) : flowMethod(sizes, [h, w])
  ) as DrawingMethod;
  const learn = learner<unknown>(options.optimizer, /^(label|transformer\.rate|turn\.slot)$/);
  const lossOf = (network: unknown, { pixels, labels, draws }: GeneratorBatch, frozen: FrozenCoder, fixed: Draws) => {
    const features = coder.encode(frozen.encoder, pixels);
    return method.loss(network, { features, labels }, draws, frozen, fixed);
  };
  const score = compile(lossOf);

  return {
    name: 'generator',
    identity: { ...identity, model: manifest.id },
    steps: length,
    schedule: runSchedule(options),
    phase: () => 'draw',
    constants: async (backend) => {
      const own = uploadTree(backend, codes);
      const tables = tidy(() => stack(slotTables(quantizer, own, backend)));
      return { encoder: uploadTree(backend, tokenizer.encoder), quantizer: own, tables };
    },
    init: async (backend, seed) => {
      const network = method.init(backend, seed);
      const source = await images.open(Math.min(measured, images.count), seed);
      const { pixels } = await source.batch(0);
      await source.dispose();
      const encoder = uploadTree(backend, tokenizer.encoder);
      const features = tidy(() => coder.encode(encoder, uploadTree(backend, pixels) as Tensor));
      const fixed = method.measure(features);
      disposeTree([encoder, features]);
      return { network, ...learn.init(network), fixed };
    },
    step: (_, state, { batch: own, rate }, frozen) => {
      const { value, gradients, aux } = valueAndGrad((network: unknown) => lossOf(network, own, frozen, state.fixed))(
        state.network,
      );
      const { params, learned, norm } = learn.update(state.network, gradients, state, rate);
      return { state: { ...state, network: params, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
    open: async (seed) => {
      const source = await images.open(batch, seed);
      return {
        get skipped() {
          return source.skipped;
        },
        batch: async (index) => {
          const stream = random(seed).split(index).split(1);
          return withDraws(method, await source.batch(index), stream, classes);
        },
        dispose: source.dispose,
      };
    },
    validation: {
      every,
      measure: async ({ average, fixed }, _, frozen) => {
        const totals = new Map<string, number>();
        for (const [i, own] of images.heldOut.entries()) {
          const host = withDraws(method, own, random(i), classes);
          const x = uploadTree(frozen.tables.backend, host as never) as GeneratorBatch;
          const { loss, aux } = score(average, x, frozen, fixed);
          for (const [name, value] of Object.entries({ loss, ...aux }))
            totals.set(name, (totals.get(name) ?? 0) + (await value.item()) / images.heldOut.length);
          disposeTree([x, loss, aux]);
        }
        return Object.fromEntries(totals);
      },
      dispose: () => score.dispose(),
    },
    publish: async ({ average, fixed }) => {
      const network = method.network(average, fixed);
      const id = await idOf(network.params);
      return packGenerator({ id, network, grid: { width: w, height: h }, tokenizer });
    },
  };
}

/** A batch with what is random in it; some images do not tell their class. */
function withDraws(
  method: DrawingMethod,
  { pixels, labels }: OnHost<LabelledBatch>,
  stream: ReturnType<typeof random>,
  classes: number,
): OnHost<GeneratorBatch> {
  const drop = stream.split(0);
  const told = Uint32Array.from(labels.data, (label) => (drop.next() < untold ? classes : label));
  const draws = method.draws(stream.split(1), told.length) as Readonly<Record<string, HostTensor>>;
  return { pixels, labels: { ...labels, data: told }, draws };
}

function checkFit(images: LabelledSet, { network, rates, manifest }: TokenizerModel, batch: number): void {
  const { scale, channels = 3 } = network;
  const { codebookSizes } = rates.at(-1)!;
  const isFitting =
    images.channels === channels &&
    images.size.every((side) => side % scale === 0) &&
    images.count >= batch &&
    new Set(codebookSizes).size === 1;
  if (isFitting) return;
  throw new TrainingError({
    code: 'OPTION_INVALID',
    message: `generator: expected images of ${channels} channels and sides that are multiples of ${scale}, at least ${batch}, and slots of equally many codes, got ${images.count} of ${images.size.join('×')}×${images.channels} for '${manifest.id}' of ${codebookSizes.join(', ')} codes`,
    fix: 'Use the data that the tokenizer was trained on, another --crop, or a smaller batch',
  });
}
