/** A small classifier of a data set, trained on it: features to compare generated images by, and what they are taken for. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AdamState,
  adam,
  argmax,
  type Backend,
  compile,
  cosineSchedule,
  crossEntropy,
  disposeTree,
  mean,
  random,
  restoreTree,
  saveTree,
  type Tensor,
  valueAndGrad,
} from '@vqkit/core';
import { type Raster, toTensor, toUnitRange } from '@vqkit/images';
import { conv, type DenseParams, dense, type SequentialParams, sequential } from '@vqkit/models';
import { type LabelledBatch, type LabelledSet, type Recipe, train } from '@vqkit/training';

/** Features of an image. */
export const featureSize = 128;

/** Parameters. */
interface ClassifierParams {
  readonly body: SequentialParams;
  readonly head: DenseParams;
}

interface ClassifierState {
  readonly model: ClassifierParams;
  readonly optimizer: AdamState<ClassifierParams>;
}

/** A trained classifier at work. */
export interface Classifier {
  /** Features, f32 `[images, featureSize]`, and the class that each is taken for. */
  look(images: readonly Raster[]): Promise<{ readonly features: Float32Array; readonly classes: Uint32Array }>;
  dispose(): void;
}

/** Images that are looked at together. */
const chunk = 250;

function networkOf(channels: number, classes: number) {
  const halving = { stride: 2, activation: 'silu' } as const;
  const body = sequential([
    conv({ inChannels: channels, outChannels: 32, activation: 'silu' }),
    conv({ inChannels: 32, outChannels: 64, ...halving }),
    conv({ inChannels: 64, outChannels: 96, ...halving }),
    conv({ inChannels: 96, outChannels: featureSize, ...halving }),
  ]);
  const head = dense(featureSize, classes);
  const features = (params: ClassifierParams, x: Tensor): Tensor => mean(body.apply(params.body, x), { axes: [1, 2] });
  return {
    init: (backend: Backend, seed: number): ClassifierParams => ({
      body: body.init(backend, random(seed).split(0)),
      head: head.init(backend, random(seed).split(1)),
    }),
    features,
    logits: (params: ClassifierParams, seen: Tensor): Tensor => head.apply(params.head, seen),
  };
}

/** Trains a classifier, or takes up what was trained before in the folder; undefined when it was stopped before the end. */
export async function trainClassifier(
  images: LabelledSet,
  { epochs, out, ...run }: { backend: Backend; epochs: number; out: string; seed: number; signal?: AbortSignal },
): Promise<Classifier | undefined> {
  const { backend, seed } = run;
  const { channels, classes, count } = images;
  const network = networkOf(channels, classes);
  const batch = Math.min(64, count);
  const steps = Math.max(1, Math.round((epochs * count) / batch));
  const optimizer = adam<ClassifierParams>();
  const recipe: Recipe<ClassifierState, Record<never, never>, LabelledBatch> = {
    name: 'classifier',
    identity: { images: [count, ...images.size], epochs },
    steps,
    schedule: cosineSchedule({ peak: 2e-3, end: 2e-5, steps, warmup: Math.min(100, steps / 10) }),
    phase: () => 'train',
    constants: async () => ({}),
    init: async (on, own) => {
      const model = network.init(on, own);
      return { model, optimizer: optimizer.init(model) };
    },
    step: (_, state, { batch: { pixels, labels }, rate }) => {
      const { value, gradients } = valueAndGrad((model: ClassifierParams) =>
        mean(crossEntropy(network.logits(model, network.features(model, pixels)), labels)),
      )(state.model);
      const next = optimizer.update(state.model, gradients, state.optimizer, rate);
      return { state: { model: next.params, optimizer: next.state }, metrics: { loss: value } };
    },
    open: (own) => images.open(batch, own),
    publish: async ({ model }) => ({ 'model.safetensors': await saveTree(model) }),
  };
  const { state, reason } = await train(recipe, { ...run, out, resume: true });
  disposeTree(state);
  if (reason !== 'finished') return undefined;
  const fresh = network.init(backend, seed);
  const file = new Uint8Array(await readFile(join(out, 'model.safetensors')));
  const { tree: model } = await restoreTree<ClassifierParams>(backend, file, fresh);
  disposeTree(fresh);
  const look = compile((params: ClassifierParams, pixels: Tensor) => {
    const features = network.features(params, toUnitRange(pixels));
    return { features, classes: argmax(network.logits(params, features)) };
  });
  return {
    look: async (all) => {
      const features = new Float32Array(all.length * featureSize);
      const taken = new Uint32Array(all.length);
      for (let start = 0; start < all.length; start += chunk) {
        const x = toTensor(backend, all.slice(start, start + chunk));
        const seen = look(model, x);
        features.set((await seen.features.data()) as Float32Array, start * featureSize);
        taken.set((await seen.classes.data()) as Uint32Array, start);
        disposeTree([x, seen]);
      }
      return { features, classes: taken };
    },
    dispose: () => {
      look.dispose();
      disposeTree(model);
    },
  };
}
