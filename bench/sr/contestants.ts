/** What enlarges pictures four times, each opened when its turn comes. */
import { createHash } from 'node:crypto';
import type { Raster } from '@vqkit/images';
import { resizeMatlabBicubic } from '@vqkit/metrics';
import { createUpscaler } from '@vqkit/sr';
import { type WeightsPackage, weightsFile } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { quantizers } from '@vqkit/training';
import * as sr from '@vqkit/weights-sr-x4';
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
  /** Folder of our weights; default: the published ones. */
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

const openOurs = async (folder: string | undefined): Promise<WeightsPackage> =>
  folder === undefined ? sr : openWeights(folder);

async function ours(name: keyof typeof backends, { weights, threads }: ContestantOptions): Promise<Enlarger> {
  const backend = await backends[name](threads);
  const upscaler = await createUpscaler(await openOurs(weights), { backend, quantizers });
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
  'vqkit-onnx': (options) => ours('onnx', options),
  'vqkit-tfjs-wasm': (options) => ours('tfjs-wasm', options),
};

/** Whether a contestant is ours. */
export const isOurs = (name: string): boolean => name.startsWith('vqkit');

/** What results of a contestant depend on besides its name: our weights. */
export async function versionOf(name: string, { weights, threads }: ContestantOptions): Promise<string> {
  if (!isOurs(name)) return name;
  const hash = createHash('sha256').update(await (await openOurs(weights)).load(weightsFile));
  return `${name}${threads === undefined ? '' : `-${threads}`}-${hash.digest('hex').slice(0, 12)}`;
}
