/** What the worker holds: a codec on a backend, the photo, and what was restored of it last. */
import { type Codec, type ConcealGrid, concealLost, createCodec, type PerceptualLoss } from '@vqkit/codec';
import type { Raster } from '@vqkit/images';
import {
  createLpipsMeter,
  type LpipsMeter,
  type PerceptualLpips,
  perceptualLpips,
  perceptualMsSsim,
} from '@vqkit/metrics';
import type { Upscaler } from '@vqkit/sr';
import { loadModel, type TokenizerModel, type WeightsPackage } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo/int8';
import type { Brought } from './brought.ts';
import { type OpenPlace, openPlace, type PlaceRequest } from './place.ts';
import { weightsCache } from './transfer.ts';

/** 8-bit pixels. */
export type Picture = Raster<Uint8ClampedArray>;

/** How far the weights are on their way, 0 to 1. */
export type OnShare = (share: number) => void;

/** What fills in lost positions. */
export type Concealment = 'nothing' | 'neighbours' | 'transformer';

/** Everything that calls share. */
export interface Session {
  readonly place: OpenPlace;
  readonly codec: Codec;
  readonly weights: WeightsPackage;
  /** Its networks' sizes and its quantizers, one for each rate, read when they are first asked for. */
  model(): Promise<Pick<TokenizerModel, 'rates' | 'network'>>;
  /** The photo as it was opened; a `.vqk` file has none. */
  original: Picture | undefined;
  restored: Picture | undefined;
  concealBy: Concealment;
  /** What weights of the visitor's do. */
  readonly brought: Brought;
  /** The page's own weights that enlarge, those that were asked for. */
  readonly enlargers: { clean?: Upscaler; web?: Upscaler };
  readonly lpips: LpipsMeter | undefined;
  /** Takes the weights of LPIPS (squeeze): to measure with, and for effort. */
  useLpips(file: Blob): Promise<void>;
}

/** Opens a backend, reads the weights, from the cache where they are kept, and makes a codec. */
export async function openSession(request: PlaceRequest, onShare: OnShare): Promise<Session> {
  const place = await openPlace(request);
  const loaded = new Map<string, number>();
  const total = Object.values(photo.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const weights = photo.from(photo.files, {
    cache: weightsCache,
    onProgress: ({ file, loadedBytes }) => {
      loaded.set(file, loadedBytes);
      onShare([...loaded.values()].reduce((sum, bytes) => sum + bytes, 0) / total);
    },
  });
  const conceal = (indices: Uint32Array, lost: Uint8Array, grid: ConcealGrid) => {
    const { concealBy, brought } = session;
    if (concealBy === 'nothing') return indices;
    return ((concealBy === 'transformer' && brought.transformer) || concealLost)(indices, lost, grid);
  };
  const makeCodec = (perceptual: PerceptualLoss) =>
    createCodec(weights, { backend: place.backend, conceal, perceptual });
  let reading: ReturnType<Session['model']> | undefined;
  let looks: { readonly meter: LpipsMeter; readonly perceptual: PerceptualLpips } | undefined;
  let codec = await makeCodec(perceptualMsSsim());
  const session: Session = {
    place,
    get codec() {
      return codec;
    },
    weights,
    model: () => {
      // not the weights of the networks: the codec has them
      reading ??= loadModel(weights).then(({ rates, network }) => ({ rates, network }));
      return reading;
    },
    original: undefined,
    restored: undefined,
    concealBy: 'neighbours',
    brought: {},
    enlargers: {},
    get lpips() {
      return looks?.meter;
    },
    useLpips: async (file) => {
      const meter = await createLpipsMeter(place.backend, file, { backbone: 'squeeze' });
      const perceptual = await perceptualLpips(place.backend, file, { backbone: 'squeeze' });
      const before = [codec, looks?.meter, looks?.perceptual];
      [looks, codec] = [{ meter, perceptual }, await makeCodec(perceptual)];
      for (const old of before) old?.dispose();
    },
  };
  return session;
}

/** Lets messages in: a signal that the page sent meanwhile is seen after it. */
export async function turn(signal?: AbortSignal): Promise<void> {
  await new Promise((done) => setTimeout(done));
  signal?.throwIfAborted();
}

/** Runs something and says how long it took, in milliseconds. */
export async function timed<T>(run: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  const result = await run();
  return { result, ms: performance.now() - start };
}
