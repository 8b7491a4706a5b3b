/**
 * Validation on photos that are held out by name: every choice between variants is made on them. A square of each, coded
 * and restored by the averaged weights, is scored by LPIPS, MS-SSIM, PSNR and, on crops of 256², the Fréchet distance of
 * SqueezeNet features; a variant that gains in LPIPS alone has learned LPIPS' blind spots.
 */

import { basename } from 'node:path';
import { type Backend, compile, disposeTree, random, readRegularFile, type Tensor, tensorsOf } from '@vqkit/core';
import { cut, fromTensor, type Raster, toBytes, toTensor, toUnitRange } from '@vqkit/images';
import {
  compareImages,
  createLpipsMeter,
  createSqueezenetExtractor,
  type FeatureMoments,
  frechetDistance,
  measureSet,
  usageOfCounts,
} from '@vqkit/metrics';
import { listPhotos, readPhoto, reasonOf } from '../../data/photos.ts';
import { type DegradationName, reduceImage } from '../../data/reduce.ts';
import { TrainingError } from '../../errors.ts';
import type { ValidationScores } from '../../loop/recipe.ts';

/** Photos get a short side of so many pixels; of each, a square begins at `offset` along both axes. */
const [shortSide, offset, side, cropSide] = [512, 64, 384, 256];

/** Which photos, and how they are restored. */
export interface HeldOutOptions<P> {
  readonly folder: string;
  /** A text file with one file name of the folder a line. */
  readonly file: string;
  readonly lpipsWeights: string;
  /**
   * Codes and restores a batch in [−1, 1]; compiled. `scores` are means over the photos, f32 scalars.
   *
   * @param small  The small images of the batch in [−1, 1], where there is a `degradation`.
   */
  readonly restore: (params: P, x: Tensor, small?: Tensor) => Restored;
  /** How small images come about: the same ones in every run and at every measurement. Default: none are made. */
  readonly degradation?: DegradationName;
}

/** What a batch becomes. */
export interface Restored {
  readonly xHat: Tensor;
  readonly indices: Tensor;
  /** What else is to be known of it, by name. */
  readonly scores?: Readonly<Record<string, Tensor>>;
}

/** Measures on the held-out photos. */
export interface HeldOut<P> {
  /** Names to leave out of training. @throws TrainingError `DATA_MISSING` */
  names(): Promise<readonly string[]>;
  measure(params: P): Promise<ValidationScores>;
  /** Frees photos, networks and what was compiled; idempotent. */
  dispose(): void;
}

/** Names of a held-out file: one a line. @throws TrainingError `DATA_MISSING` when the file or a photo that it names is not there. */
export async function heldOutNames(folder: string, file: string): Promise<string[]> {
  const bytes = await readRegularFile(file).catch((cause: unknown) => {
    throw missing(`a text file with a photo's name a line at '${file}', got: ${reasonOf(cause)}`, cause);
  });
  const names = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const there = new Set((await listPhotos(folder)).map((path) => basename(path)));
  const gone = names.filter((name) => !there.has(name));
  if (gone.length > 0) throw missing(`the held-out photos in '${folder}', got none for ${gone.slice(0, 5).join(', ')}`);
  if (names.length < 2) throw missing(`at least two names in '${file}', got ${names.length}`);
  return names;
}

function missing(expected: string, cause?: unknown): TrainingError {
  const fix = 'Keep held-out photos in the folder of the others, and name them as they are called there';
  return new TrainingError({ code: 'DATA_MISSING', message: `expected ${expected}`, fix, cause });
}

/** A square of each photo held out, as all validation sees them: 384² pixels. @throws TrainingError `DATA_MISSING` */
export async function heldOutSquares(folder: string, file: string): Promise<Raster[]> {
  const images: Raster[] = [];
  for (const name of await heldOutNames(folder, file)) {
    const photo = await readPhoto(`${folder}/${name}`, { shortSide });
    images.push(square(photo, offset, offset, side));
  }
  return images;
}

function square(image: Raster, left: number, top: number, size: number): Raster {
  const data = cut(image, { left, top, width: size, height: size });
  return { data, width: size, height: size, channels: image.channels };
}

/** Small images as a network for enlargement gets them, one for each square. */
async function reduced(images: readonly Raster[], degradation: DegradationName): Promise<Raster[]> {
  const stream = random(0); // not the run's seed: runs are compared
  return Promise.all(
    images.map(async (image, i) => {
      const small = await reduceImage({ ...image, data: Uint8Array.from(image.data) }, degradation, stream.split(i));
      return { ...small, channels: image.channels };
    }),
  );
}

/** Four crops that overlap. */
function crops(image: Raster): Raster[] {
  const far = side - cropSide;
  return [0, far].flatMap((top) => [0, far].map((left) => square(image, left, top, cropSide)));
}

/** Opens the measurement; photos and networks are loaded when they are needed first. */
export function heldOut<P>({ folder, file, lpipsWeights, restore, degradation }: HeldOutOptions<P>): HeldOut<P> {
  const restored = compile((params: P, pixels: Tensor, small?: Tensor) => {
    const { xHat, ...others } = restore(params, toUnitRange(pixels), small && toUnitRange(small));
    return { pixels: toBytes(xHat), ...others };
  });
  let tools: ReturnType<typeof open> | undefined;

  const open = async (backend: Backend) => {
    const images = await heldOutSquares(folder, file);
    const small = degradation && (await reduced(images, degradation));
    const meter = await createLpipsMeter(backend, lpipsWeights, { backbone: 'squeeze' });
    const extractor = await createSqueezenetExtractor(backend, lpipsWeights);
    const momentsOf = async (all: readonly Raster[]): Promise<FeatureMoments> =>
      (await measureSet(extractor, all.flatMap(crops), { keepsFeatures: false })).moments;
    const dispose = (): void => {
      meter.dispose();
      extractor.dispose();
    };
    return { images, small, meter, momentsOf, reference: await momentsOf(images), dispose };
  };

  return {
    names: () => heldOutNames(folder, file),
    measure: async (params) => {
      const { backend } = tensorsOf(params)[0]!;
      tools ??= open(backend);
      const { images, small, meter, momentsOf, reference } = await tools;
      const totals: Record<string, number> = {};
      const count = (name: string, value: number): void => {
        totals[name] = (totals[name] ?? 0) + value / images.length;
      };
      const counts = new Map<number, number>();
      const decoded: Raster[] = [];
      for (const [i, image] of images.entries()) {
        const batch = [image, ...(small ? [small[i]!] : [])].map((each) => toTensor(backend, [each]));
        const { pixels, indices, scores = {} } = restored(params, batch[0]!, batch[1]);
        for (const [name, score] of Object.entries(scores)) count(name, await score.item());
        for (const index of await indices.data()) counts.set(index, (counts.get(index) ?? 0) + 1);
        decoded.push(...(await fromTensor(pixels)));
        disposeTree([batch, pixels, indices, scores]);
        const { lpipsSqueeze, msSsim, psnr } = await compareImages(image, decoded.at(-1)!, { lpipsSqueeze: meter });
        count('lpips', lpipsSqueeze!);
        count('msSsim', msSsim!);
        count('psnr', psnr);
      }
      const frechet = frechetDistance(await momentsOf(decoded), reference);
      const { used, entropyBits } = usageOfCounts([...counts.values()]);
      return { ...totals, frechet: Math.max(frechet, 0), usedCodes: used, entropyBits };
    },
    dispose: () => {
      restored.dispose();
      void tools?.then(
        ({ dispose }) => dispose(),
        () => undefined,
      );
      tools = undefined;
    },
  };
}
