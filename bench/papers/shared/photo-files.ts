/** What a trained tokenizer is worth in the codec: real files, with priors that the entropy coder learned for it. */
import { createCodec, trainPriors } from '@vqkit/codec';
import { CodeCounter } from '@vqkit/metrics';
import { loadModel, type TokenizerModel, type WeightsPackage } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { chooseEvenly, listPhotos, quantizers, readPhotos } from '@vqkit/training';
import { meanOf, openMeter, type Scores, scoresOf } from '../../harness/scores.ts';
import { readLarge } from '../../sr/pictures.ts';
import type { PhotoContext } from './photo-rows.ts';

/** Means over the pictures. */
export interface FileScores extends Scores {
  /** Bytes of a file. */
  readonly bytes: number;
  /** Bits of a file by pixels of its picture. */
  readonly bpp: number;
  /** Bits that an index position takes in the files, everything counted. */
  readonly bitsInFile: number;
  /** Share of the codes that occur; mean over codebooks. */
  readonly usage: number;
  /** Entropy of the codes of all pictures: bits of a position, the sum over codebooks. */
  readonly entropyBits?: number;
  readonly pictures: number;
}

/** Codes all pictures by the weights of a folder, and scores what comes back. @throws the signal's reason. */
export async function measureFiles(
  folder: string,
  context: Pick<PhotoContext, 'backend' | 'data' | 'heldOut' | 'lpipsWeights' | 'priorPhotos' | 'pictures' | 'signal'>,
): Promise<{ readonly scores: FileScores; readonly bitsPerPosition: number }> {
  const { backend, lpipsWeights, pictures, signal } = context;
  const trained = await openWeights(folder);
  const model = await loadModel(trained, { quantizers });
  const codec = await createCodec(await withPriors(trained, model, context), { backend, quantizers });
  const meter = await openMeter(backend, lpipsWeights);
  // files without options have the largest codebook
  const rate = model.rates.at(-1)!;
  const counters = rate.codebookSizes.map((size) => new CodeCounter(size));
  const all: (Scores & { bytes: number; bpp: number; bitsInFile: number })[] = [];
  for (const file of pictures) {
    signal?.throwIfAborted();
    const picture = await readLarge(file);
    const bytes = await codec.encode(picture, { signal });
    const { image } = await codec.decode(bytes, { signal });
    const { planes } = await codec.decodeToIndices(bytes, { signal });
    planes.forEach((plane, i) => counters[i]!.update(plane));
    const bits = 8 * bytes.length;
    all.push({
      ...(await scoresOf(picture, image, meter)),
      bytes: bytes.length,
      bpp: bits / (picture.width * picture.height),
      bitsInFile: bits / planes[0]!.length,
    });
  }
  meter.dispose();
  codec.dispose();
  const uses = counters.map((counter) => counter.compute());
  const usage = uses.reduce((sum, own) => sum + own.usage, 0) / uses.length;
  const entropyBits = uses.reduce((sum, own) => sum + own.entropyBits, 0);
  return {
    scores: { ...meanOf(all), usage, entropyBits, pictures: all.length },
    bitsPerPosition: rate.bitsPerPosition,
  };
}

/** The package with priors learned from some of the training photos: counts alone, without networks, which takes seconds. */
async function withPriors(
  trained: WeightsPackage,
  model: TokenizerModel,
  { backend, data, priorPhotos, signal }: Pick<PhotoContext, 'backend' | 'data' | 'priorPhotos' | 'signal'>,
): Promise<WeightsPackage> {
  const files = chooseEvenly(await listPhotos(data), priorPhotos);
  const images = readPhotos(files, { atMost: 512 });
  const priors = await trainPriors({ model, backend, images, network: false, signal });
  return {
    manifest: { ...trained.manifest, priors: [...priors.keys()] },
    load: async (file, options) => priors.get(file) ?? trained.load(file, options),
  };
}
