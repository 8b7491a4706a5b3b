/**
 * The two networks as compiled functions from bytes to features and from features to bytes. Weights are constants of the
 * compiled graphs; conversion from and to 8 bits happens inside them, so that only bytes cross to the backend.
 */
import {
  add,
  type Backend,
  type Compiled,
  cast,
  clamp,
  compile,
  mul,
  round,
  sub,
  type Tensor,
  tensor,
  uploadTree,
} from '@vqkit/core';
import { cut, paste, type Raster, type Rectangle, type Tile, tilesOf } from '@vqkit/images';
import type { PhotoTokenizerParams } from '@vqkit/models';
import type { CodecModel } from './weights.ts';

/** Runs between tiles: checks for an abort and reports progress in [0, 1]. */
export type OnTile = (done: number, total: number) => void;

/** The networks of a model on a backend. */
export interface Networks {
  /** @param rgb  Any size; padded to whole positions by repeating its edge. @returns Features, row-major `[h, w, D]`. */
  encode(rgb: Raster, onTile?: OnTile): Promise<Raster<Float32Array>>;
  /** @param features  `[h, w, D]`. @returns RGB of 16·w × 16·h pixels. */
  decode(features: Raster<Float32Array>, onTile?: OnTile): Promise<Raster>;
  /** Compiles for images of this size. */
  warmup(width: number, height: number): Promise<void>;
  dispose(): void;
}

/** Shapes to keep compiled; photos of one camera come in two. */
const cacheSize = 4;

/** Compiles the networks of a model. */
export function createNetworks(model: CodecModel, backend: Backend): Networks {
  const { network } = model;
  const { scale, dimension } = network;
  const encode = compile(
    (pixels: Tensor): Tensor => {
      const encoder = uploadTree(pixels.backend, model.encoder) as PhotoTokenizerParams['encoder'];
      return network.encode(encoder, sub(mul(cast(pixels, 'f32'), 1 / 127.5), 1));
    },
    { cacheSize },
  );
  const decode = compile(
    (z: Tensor): Tensor => {
      const decoder = uploadTree(z.backend, model.decoder) as PhotoTokenizerParams['decoder'];
      const pixels = mul(add(network.decode(decoder, z), 1), 127.5);
      return cast(round(clamp(pixels, 0, 255)), 'u8');
    },
    { cacheSize },
  );

  return {
    encode: async (rgb, onTile) => {
      const [width, height] = [Math.ceil(rgb.width / scale), Math.ceil(rgb.height / scale)];
      const features = { data: new Float32Array(width * height * dimension), width, height, channels: dimension };
      await eachTile(tilesOf(height, width, { window: 80, halo: 8 }), onTile, async ({ window, kept }) => {
        const pixels = cut(rgb, scaled(window, scale));
        const z = await callOnce(encode, backend, pixels, [1, window.height * scale, window.width * scale, 3]);
        paste(
          features,
          { ...features, data: z as Float32Array, width: window.width, height: window.height },
          kept,
          keptOrigin({ window, kept }),
        );
      });
      return features;
    },
    decode: async (features, onTile) => {
      const { width, height } = features;
      const rgb = {
        data: new Uint8Array(width * height * scale * scale * 3),
        width: width * scale,
        height: height * scale,
        channels: 3,
      };
      await eachTile(tilesOf(height, width, { window: 80, halo: 8 }), onTile, async ({ window, kept }) => {
        const z = cut(features, window);
        const pixels = await callOnce(decode, backend, z, [1, window.height, window.width, dimension]);
        const tile = {
          data: pixels as Uint8Array,
          width: window.width * scale,
          height: window.height * scale,
          channels: 3,
        };
        const origin = keptOrigin({ window, kept });
        paste(rgb, tile, scaled(kept, scale), { left: origin.left * scale, top: origin.top * scale });
      });
      return rgb;
    },
    warmup: async (width, height) => {
      const { window } = tilesOf(Math.ceil(height / scale), Math.ceil(width / scale), { window: 80, halo: 8 })[0]!;
      const pixels = tensor(backend, new Uint8Array(window.height * window.width * scale * scale * 3), [
        1,
        window.height * scale,
        window.width * scale,
        3,
      ]);
      const z = tensor(backend, new Float32Array(window.height * window.width * dimension), [
        1,
        window.height,
        window.width,
        dimension,
      ]);
      await Promise.all([encode.warmup(pixels), decode.warmup(z)]);
      pixels.dispose();
      z.dispose();
    },
    dispose: () => {
      encode.dispose();
      decode.dispose();
    },
  };
}

async function eachTile(
  tiles: readonly Tile[],
  onTile: OnTile | undefined,
  run: (tile: Tile) => Promise<void>,
): Promise<void> {
  for (const [i, tile] of tiles.entries()) {
    onTile?.(i, tiles.length);
    await run(tile);
  }
  onTile?.(tiles.length, tiles.length);
}

async function callOnce(
  fn: Compiled<[Tensor], Tensor>,
  backend: Backend,
  data: Uint8Array | Float32Array,
  shape: readonly number[],
): Promise<unknown> {
  const input = tensor(backend, data, shape);
  const output = fn(input);
  try {
    return await output.data();
  } finally {
    input.dispose();
    output.dispose();
  }
}

function scaled({ left, top, width, height }: Rectangle, scale: number): Rectangle {
  return { left: left * scale, top: top * scale, width: width * scale, height: height * scale };
}

/** Where the kept part of a tile lies in the grid. */
function keptOrigin({ window, kept }: Tile): { left: number; top: number } {
  return { left: window.left + kept.left, top: window.top + kept.top };
}
