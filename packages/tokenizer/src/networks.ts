/**
 * Networks and quantizers as compiled functions from pixels to indices and from indices to pixels. Weights are constants
 * of the compiled graphs, and conversion from and to 8 bits happens inside them: what crosses to the backend are bytes
 * of pixels and indices. Features go from one graph to the next without leaving the backend.
 */
import {
  allocate,
  type Backend,
  compile,
  concat,
  disposeTree,
  sizeOf,
  type Tensor,
  tensor,
  tidy,
  uploadTree,
  workPerTurn,
} from '@vqkit/core';
import {
  fromTensor,
  type Raster,
  runTiled,
  type TensorSamples,
  type Tile,
  type TiledOptions,
  tilesOf,
  toBytes,
  toTensor,
  toUnitRange,
} from '@vqkit/images';
import type { TokenizerModel } from './weights/model.ts';

/** Runs between tiles: stops when asked to, and says how far it is. */
export type Watch = Pick<TiledOptions, 'signal' | 'onTile'>;

/** The networks of a model on a backend. Grids are in positions, pixels are `scale` times as many. */
export interface Networks {
  /** @param pixels  Filled up to whole positions. @returns `[h, w, D]`. */
  features(pixels: Raster, watch?: Watch): Promise<Raster<Float32Array>>;
  /** @param z  `[h, w, D]`. @returns As `encode`. */
  quantize(z: Raster<Float32Array>, rates: readonly number[], watch?: Watch): Promise<Raster<Uint32Array>>;
  /** @param rates  Places in the model's list. @returns The indices of all of them, `[h, w, ΣS]`. */
  encode(pixels: Raster, rates: readonly number[], watch?: Watch): Promise<Raster<Uint32Array>>;
  /** @param indices  `[h, w, S]`. */
  decode(indices: Raster<Uint32Array>, rate: number, watch?: Watch): Promise<Raster>;
  /** Compiles for images of this size. */
  warmup(width: number, height: number): Promise<void>;
  dispose(): void;
}

/** Photos of one camera come in two shapes. */
const compiling = { cacheSize: 4, workPerTurn };

/** Positions: 1280² pixels at 1/16 scale; 8 positions on each side are context. */
const tiles = { window: 80, halo: 8 };

/** Compiles the networks of a model. */
export function createNetworks(model: TokenizerModel, backend: Backend): Networks {
  const { network, rates } = model;
  const { scale, dimension, channels = 3 } = network;
  const toFeatures = compile(
    (pixels: Tensor): Tensor => network.encode(uploadTree(pixels.backend, model.encoder), toUnitRange(pixels)),
    compiling,
  );
  const toPixels = compile((z: Tensor): Tensor => toBytes(network.decode(uploadTree(z.backend, model.decoder), z)), {
    ...compiling,
    toleratesRounding: true,
  });
  const search = compile((z: Tensor, chosen: readonly number[]): Tensor => {
    const found = chosen.map((rate) => {
      const { quantizer, params } = rates[rate]!;
      return quantizer.encode(uploadTree(z.backend, params), z);
    });
    return concat(found, -1);
  }, compiling);
  const lookUp = compile((indices: Tensor, rate: number): Tensor => {
    const { quantizer, params } = rates[rate]!;
    return quantizer.decode(uploadTree(indices.backend, params), indices);
  }, compiling);

  /** Runs `fn` on every part: samples cross to the backend, results of type `B` come back. */
  const run = <A extends TensorSamples, B extends TensorSamples>(
    image: Raster<A>,
    fn: (x: Tensor) => Tensor,
    options: TiledOptions,
  ): Promise<Raster<B>> => {
    const onPart = async (part: Raster<A>) => {
      const output = tidy(() => fn(toTensor(backend, [part])));
      try {
        return (await fromTensor<B>(output, options))[0]!;
      } finally {
        output.dispose();
      }
    };
    return runTiled(image, onPart, options);
  };
  const inPixels = { window: tiles.window * scale, halo: tiles.halo * scale, scale: 1 / scale };

  return {
    features: (pixels, watch) => run(pixels, toFeatures, { ...inPixels, ...watch }),
    // vectors are quantized one by one: no context
    quantize: (z, chosen, watch) => run(z, (x) => search(x, chosen), { window: tiles.window, halo: 0, ...watch }),
    encode: (pixels, chosen, watch) => run(pixels, (x) => search(toFeatures(x), chosen), { ...inPixels, ...watch }),
    decode: (indices, rate, watch) => run(indices, (x) => toPixels(lookUp(x, rate)), { ...tiles, scale, ...watch }),
    warmup: async (width, height) => {
      const [{ window }] = tilesOf(Math.ceil(height / scale), Math.ceil(width / scale), tiles) as [Tile];
      const blank = (dtype: 'u8' | 'u32' | 'f32', size: number, depth: number): Tensor => {
        const shape = [1, window.height * size, window.width * size, depth];
        return tensor(backend, allocate(dtype, sizeOf(shape)), shape);
      };
      const [x, z] = [blank('u8', scale, channels), blank('f32', 1, dimension)];
      const indices = rates.map(({ codebookSizes }) => blank('u32', 1, codebookSizes.length));
      const all = rates.map((_, i) => i);
      const looked = indices.map((map, i) => lookUp.warmup(map, i));
      const others = [toFeatures.warmup(x), toPixels.warmup(z), search.warmup(z, all), search.warmup(z, all.slice(-1))];
      await Promise.all([...looked, ...others]);
      disposeTree([x, z, indices]);
    },
    dispose: () => {
      for (const compiled of [toFeatures, toPixels, search, lookUp]) compiled.dispose();
    },
  };
}
