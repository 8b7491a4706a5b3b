/** What enlarges pictures four times, each opened when its turn comes. */
import { createHash } from 'node:crypto';
import type { Raster } from '@vqkit/images';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import { createUpscaler } from '@vqkit/sr';
import { type WeightsPackage, weightsFileOf } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { type DegradationName, quantizers } from '@vqkit/training';
import * as sr from '@vqkit/weights-sr-x4';
import * as real from '@vqkit/weights-sr-x4-real';
import sharp from 'sharp';
import { importTfjs } from '../tfjs/import-tfjs.ts';
import { type EsrganSize, esrgan } from './esrgan.ts';

/** Enlarges 8-bit RGB four times. */
export interface Enlarger {
  /** What is not part of enlarging one picture: compiling for its size. */
  prepare(width: number, height: number): Promise<void>;
  enlarge(picture: Raster): Promise<Raster>;
  dispose(): void;
}

/** Settings that contestants may look at. */
export interface ContestantOptions {
  /** Folder of our weights for clean pictures; default: the published ones. */
  readonly weights?: string | undefined;
  /** Of onnxruntime. */
  readonly threads?: number | undefined;
}

const larger = ({ width, height }: Raster): { width: number; height: number } => ({
  width: 4 * width,
  height: 4 * height,
});

const plain = (enlarge: Enlarger['enlarge']): Enlarger => ({
  prepare: async () => undefined,
  enlarge,
  dispose: () => undefined,
});

const backends = {
  onnx: async (threads: number | undefined) => (await import('@vqkit/backend-onnx')).onnx({ threads }),
  'tfjs-wasm': async () => (await import('@vqkit/backend-tfjs')).tfjs(await importTfjs(), { runtime: 'wasm' }),
} as const;

/** Ours: where they compute, by which weights, and their title in pictures. */
const ours = {
  'vqkit-onnx': { place: 'onnx', published: sr, title: 'vqkit sr-x4' },
  'vqkit-tfjs-wasm': { place: 'tfjs-wasm', published: sr, title: 'vqkit sr-x4' },
  'vqkit-real-onnx': { place: 'onnx', published: real, title: 'vqkit sr-x4-real' },
} as const;
type OurName = keyof typeof ours;

async function weightsOf(name: OurName, folder: string | undefined): Promise<WeightsPackage> {
  const { published } = ours[name];
  return folder === undefined || published !== sr ? published : openWeights(folder);
}

async function openOurs(name: OurName, { weights, threads }: ContestantOptions): Promise<Enlarger> {
  const backend = await backends[ours[name].place](threads);
  const upscaler = await createUpscaler(await weightsOf(name, weights), { backend, quantizers });
  return {
    prepare: (width, height) => upscaler.warmup(width, height),
    enlarge: async (picture) => {
      const { data, ...size } = await upscaler.upscale(picture);
      return { ...size, data: new Uint8Array(data) };
    },
    dispose: () => {
      upscaler.dispose();
      backend.dispose();
    },
  };
}

const peer = (size: EsrganSize) => () => esrgan(size);

/** By name. */
export const contestants: Readonly<Record<string, (options: ContestantOptions) => Promise<Enlarger>>> = {
  bicubic: async () =>
    plain(async (picture) => ({ ...resizeMatlabBicubic(picture, larger(picture)), channels: picture.channels })),
  lanczos: async () =>
    plain(async ({ data, width, height, channels }) => {
      const options = { kernel: 'lanczos3', fit: 'fill' } as const;
      const image = sharp(data, { raw: { width, height, channels: channels as 3 } }).resize({
        ...larger({ data, width, height, channels }),
        ...options,
      });
      return { data: new Uint8Array(await image.raw().toBuffer()), width: 4 * width, height: 4 * height, channels };
    }),
  'esrgan-slim': peer('slim'),
  'esrgan-medium': peer('medium'),
  'esrgan-thick': peer('thick'),
  'vqkit-onnx': (options) => openOurs('vqkit-onnx', options),
  'vqkit-tfjs-wasm': (options) => openOurs('vqkit-tfjs-wasm', options),
  'vqkit-real-onnx': (options) => openOurs('vqkit-real-onnx', options),
};

/** Rows of the table: our weights for clean pictures on two backends, or, for pictures of the web, both weights on one. */
export const rowsFor = (degradation: DegradationName): string[] =>
  Object.keys(contestants).filter(
    (name) => name !== (degradation === 'bicubic' ? 'vqkit-real-onnx' : 'vqkit-tfjs-wasm'),
  );

/** Whether a contestant is ours. */
export const isOurs = (name: string): name is OurName => Object.hasOwn(ours, name);

/** A contestant as people know it. */
export const titleOf = (name: string): string =>
  isOurs(name) ? ours[name].title : name.replace('esrgan', 'UpscalerJS esrgan');

/** What results of a contestant depend on besides its name: our weights. */
export async function versionOf(name: string, { weights, threads }: ContestantOptions): Promise<string> {
  if (!isOurs(name)) return name;
  const { manifest, load } = await weightsOf(name, weights);
  const hash = createHash('sha256').update(await load(weightsFileOf(manifest)));
  return `${name}${threads === undefined ? '' : `-${threads}`}-${hash.digest('hex').slice(0, 12)}`;
}
