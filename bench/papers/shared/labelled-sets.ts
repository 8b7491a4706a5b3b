/** Data sets with their classes: IDX files, and CIFAR-10. */
import { readIdxLabels } from '@vqkit/training';
import { dataPath } from '../../../tooling/shared-data.ts';
import { loadCifar } from './cifar.ts';
import { type ImageSet, loadImageSet } from './idx.ts';

/** Images and the class of each. */
export interface LabelledImages extends ImageSet {
  readonly trainLabels: Uint8Array;
  readonly testLabels: Uint8Array;
}

/** Data sets by name. */
export const labelledSets = ['mnist', 'fashion-mnist', 'cifar-10'] as const;

/** Those whose licence lets copies be passed on (Fashion-MNIST: MIT); pages show images of no others. */
export const shownSets: readonly string[] = ['fashion-mnist'];

/** Loads a data set by the name of its folder. @throws Error when it is not there. */
export async function loadLabelledSet(name: string, folder = dataPath()): Promise<LabelledImages> {
  if (name === 'cifar-10') return loadCifar(`${folder}/${name}`);
  const labels = async (file: string): Promise<Uint8Array> => {
    const found = await readIdxLabels(`${folder}/${name}/${file}`);
    if (found === undefined) throw new Error(`expected the labels of ${file} in '${folder}/${name}': set VQKIT_DATA`);
    return found;
  };
  const images = await loadImageSet(name, folder);
  const [trainLabels, testLabels] = [
    await labels('train-images-idx3-ubyte.gz'),
    await labels('t10k-images-idx3-ubyte.gz'),
  ];
  return { ...images, trainLabels, testLabels };
}
