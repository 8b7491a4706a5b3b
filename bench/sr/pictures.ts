/** The pictures that are enlarged: those of public test sets, cut so that a quarter of them is whole. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random } from '@vqkit/core';
import { cut, type Raster, to8Bit } from '@vqkit/images';
import { readPicture } from '@vqkit/images/node';
import { type DegradationName, reduceImage } from '@vqkit/training';
import { idOf } from './results.ts';

/** A picture of a set. */
export interface SetPicture {
  readonly set: string;
  readonly name: string;
  readonly path: string;
}

/** The first pictures of each set, by name. @param folder  Has a folder for each set. */
export async function picturesOf(
  folder: string,
  sets: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<SetPicture[]> {
  const lists = sets.map(async (set) => {
    const names = (await readdir(join(folder, set))).filter((name) => name.endsWith('.png')).sort();
    return names.slice(0, limit).map((name) => ({ set, name, path: join(folder, set, name) }));
  });
  return (await Promise.all(lists)).flat();
}

/** A picture as 8-bit RGB whose sides are multiples of 4; what is over at the right and below is cut off. */
export async function readLarge({ path }: SetPicture): Promise<Raster> {
  const picture = await readPicture(await readFile(path), { name: path });
  const [width, height] = [picture.width, picture.height].map((side) => side - (side % 4)) as [number, number];
  const { channels } = picture;
  const whole = { ...picture, data: to8Bit(picture) };
  const data = cut(whole, { left: 0, top: 0, width, height });
  return { data: data.filter((_, i) => i % channels < 3), width, height, channels: 3 };
}

/** How pictures become small. */
export interface Reduction {
  readonly degradation: DegradationName;
  /** Of what is random in it. */
  readonly seed: number;
}

/** By MATLAB's bicubic, as papers do. */
const bicubicReduction: Reduction = { degradation: 'bicubic', seed: 1 };

/** What is enlarged: a quarter of a picture, the same for the same seed, whichever other pictures there are. */
export async function smallOf(picture: SetPicture, { degradation, seed } = bicubicReduction): Promise<Raster> {
  const { data, width, height } = await readLarge(picture);
  const number = createHash('sha256').update(idOf(picture)).digest().readUInt32LE();
  return { ...(await reduceImage({ data, width, height }, degradation, random(seed).split(number))), channels: 3 };
}
