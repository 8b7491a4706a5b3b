/** The data sets of the papers, as they are published. */
import type { Raster } from '@vqkit/images';
import { readIdx } from '@vqkit/training';
import { dataPath } from '../../../tooling/shared-data.ts';
import { loadCifar } from './cifar.ts';

/** Training and test images. */
export interface ImageSet {
  readonly train: readonly Raster[];
  readonly test: readonly Raster[];
}

/** Loads a data set by the name of its folder. @throws Error when it is not there. */
export async function loadImageSet(name: string, folder = dataPath()): Promise<ImageSet> {
  if (name === 'cifar-10') return loadCifar(`${folder}/${name}`);
  const load = async (file: string): Promise<Raster[]> => {
    const images = await readIdx(`${folder}/${name}/${file}`);
    if (images === undefined) throw new Error(`expected ${file} in '${folder}/${name}': set VQKIT_DATA`);
    return images;
  };
  return { train: await load('train-images-idx3-ubyte.gz'), test: await load('t10k-images-idx3-ubyte.gz') };
}
