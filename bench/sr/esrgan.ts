/**
 * UpscalerJS's published models on tfjs-wasm, one thread: the files of the packages, run as UpscalerJS does (its package
 * adds patches with seams and a tfjs of its own, which would only cost it).
 */
import { readFile } from 'node:fs/promises';
import type { Raster } from '@vqkit/images';
import { importPeer } from '../harness/peers.ts';
import { importTfjs } from '../tfjs/import-tfjs.ts';
import type { Enlarger } from './contestants.ts';

/** Models by size. */
export type EsrganSize = 'slim' | 'medium' | 'thick';

interface TfTensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** As much of tfjs as we call. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
}

interface TfLayers {
  loadLayersModel(source: { load(): Promise<object> }): Promise<{ predict(x: TfTensor): TfTensor; dispose(): void }>;
}

/** What a package says of its model. */
interface ModelDefinition {
  /** Ranges of values. */
  readonly inputRange: readonly [number, number];
  readonly outputRange: readonly [number, number];
  /** Registers the layers of its own. */
  readonly setup?: (tf: unknown) => void;
}

/** The parts of `model.json` that matter. */
interface ModelFile {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
}

/** Opens one. Throws `PeerMissingError`. */
export async function esrgan(size: EsrganSize): Promise<Enlarger> {
  const name = `@upscalerjs/esrgan-${size}`;
  const tf = (await importTfjs()) as unknown as Tf;
  const layers = await importPeer<TfLayers>('@tensorflow/tfjs-layers');
  const { default: definition } = await importPeer<{ default: ModelDefinition }>(`${name}/4x`);
  const { inputRange, outputRange, setup } = (definition as { default?: ModelDefinition }).default ?? definition;
  await tf.setBackend('wasm');
  await tf.ready();
  setup?.({ ...tf, ...layers });
  const model = await layers.loadLayersModel({ load: () => readModel(name) });

  const run = async ({ data, width, height }: Raster): Promise<Raster> => {
    const x = tf.tensor(
      Float32Array.from(data, (value) => (value / 255) * inputRange[1]),
      [1, height, width, 3],
    );
    const y = model.predict(x);
    const values = await y.data();
    x.dispose();
    y.dispose();
    const pixels = Uint8ClampedArray.from(values, (value) => (value / outputRange[1]) * 255);
    return { data: new Uint8Array(pixels.buffer), width: 4 * width, height: 4 * height, channels: 3 };
  };
  return {
    // Nothing depends on the size; the first call of all makes what is shared.
    prepare: async () => void (await run({ data: new Uint8Array(16 * 16 * 3), width: 16, height: 16, channels: 3 })),
    enlarge: run,
    dispose: () => model.dispose(),
  };
}

/** The model's files as `loadLayersModel` takes them. */
async function readModel(name: string): Promise<object> {
  const file = (path: string): Promise<Buffer> =>
    readFile(new URL(`../peers/node_modules/${name}/models/x4/${path}`, import.meta.url));
  const { modelTopology, weightsManifest } = JSON.parse(String(await file('model.json'))) as ModelFile;
  const shards = await Promise.all(weightsManifest.flatMap(({ paths }) => paths).map(file));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  return { modelTopology, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData };
}
