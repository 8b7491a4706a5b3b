/** What is coded: photographs as maps of the finest codes, and the codes of a small codebook that these belong to. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prior } from '@vqkit/codec/bitstream';
import type { HostTensor } from '@vqkit/core';
import { cut, to8Bit } from '@vqkit/images';
import { readPicture } from '@vqkit/images/node';
import type { IndexMap, Tokenizer } from '@vqkit/tokenizer';
import type { Codebooks, LeafMap } from './stage-model.ts';

/** How codes of a codebook and of a smaller one belong together. */
export interface Nesting {
  /** Coarse code of every code: the nearest. */
  readonly parentOf: Uint32Array;
  /** Code that is nearest to every coarse code: what stands for it where nothing else is known. */
  readonly standInOf: Uint32Array;
}

/** Finds the nearest of each other in two codebooks of a model. */
export function nestingOf({ model }: Tokenizer, fine: number, coarse: number): Nesting {
  const [many, few] = [fine, coarse].map((size) => {
    const rate = model.rates.find(({ codebookSizes }) => codebookSizes.join() === `${size}`);
    return (rate!.params as { readonly codebook: HostTensor }).codebook;
  }) as [HostTensor, HostTensor];
  return { parentOf: nearest(many, few), standInOf: nearest(few, many) };
}

function nearest(of: HostTensor, among: HostTensor): Uint32Array {
  const [from, to] = [of.data as Float32Array, among.data as Float32Array];
  const dimension = of.shape[1]!;
  return Uint32Array.from({ length: of.shape[0]! }, (_, a) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let b = 0; b < among.shape[0]!; b++) {
      let distance = 0;
      for (let d = 0; d < dimension; d++) distance += (from[a * dimension + d]! - to[b * dimension + d]!) ** 2;
      if (distance < least) [best, least] = [b, distance];
    }
    return best;
  });
}

/** Both planes as leaves, in the trees of the published priors. */
export function leavesOf(map: IndexMap, { parentOf }: Nesting, priors: readonly [fine: Prior, coarse: Prior]): LeafMap {
  const [fine, coarse] = priors.map(({ planes }) => planes[0]!.leafOf) as [Uint16Array, Uint16Array];
  const indices = map.planes[0]!;
  const leaves = [Int32Array.from(indices, (i) => fine[i]!), Int32Array.from(indices, (i) => coarse[parentOf[i]!]!)];
  return { width: map.width, height: map.height, leaves };
}

/** The codebooks as leaves. */
export function booksOf({ parentOf }: Nesting, priors: readonly [fine: Prior, coarse: Prior]): Codebooks {
  const sizes = priors.map(({ codebookSizes }) => codebookSizes[0]!);
  const members: number[][] = Array.from({ length: sizes[1]! }, () => []);
  parentOf.forEach((parent, code) => {
    members[priors[1].planes[0]!.leafOf[parent]!]!.push(priors[0].planes[0]!.leafOf[code]!);
  });
  return { sizes, members };
}

/** Maps of the middles of photographs, each 640×512 pixels. @param count  How many, spread over the folder. */
export async function trainingMaps(
  tokenizer: Tokenizer,
  folder: string,
  { count, codes }: { readonly count: number; readonly codes: number },
): Promise<IndexMap[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const every = Math.max(1, Math.floor(names.length / count));
  const maps: IndexMap[] = [];
  for (let i = 0; i < names.length && maps.length < count; i += every) {
    const picture = await readPicture(await readFile(join(folder, names[i]!)), { name: names[i]! });
    const [width, height] = [640, 512];
    if (picture.width < width || picture.height < height) continue;
    const [left, top] = [(picture.width - width) >> 1, (picture.height - height) >> 1];
    const data = cut({ ...picture, data: to8Bit(picture) }, { left, top, width, height });
    const [map] = await tokenizer.encode({ data, width, height }, { rates: [{ codebookSizes: [codes] }] });
    maps.push(map!);
  }
  return maps;
}
