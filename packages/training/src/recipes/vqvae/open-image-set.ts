/** Images that a small recipe is asked to learn from, whatever they are: an IDX file, or crops of photos. */
import { readIdx } from '../../data/idx.ts';
import { TrainingError } from '../../errors.ts';
import { grayImageSet, type ImageSet, photoImageSet } from './image-sets.ts';

/** What a recipe asks of them. */
export interface ImageSetOptions {
  /** Name of the recipe, for messages. */
  readonly name: string;
  /** An IDX file, a folder that has one, or a folder of photos. */
  readonly data: string;
  /** A text file with the names of photos to hold out, one a line. Default: a twelfth of them. */
  readonly heldOut?: string | undefined;
  /** Side of a crop of photos. */
  readonly crop: number;
  readonly batch: number;
  /** Sides are multiples of it. */
  readonly scale: number;
  /** Pixels that the shorter side must have. Default: `scale`. */
  readonly smallest?: number;
}

/**
 * Opens the images; a twelfth of them is held out, or the photos that are named.
 *
 * @throws TrainingError `OPTION_INVALID` for sizes that do not fit, `DATA_MISSING`, `IMAGE_UNREADABLE`
 */
export async function openImageSet(options: ImageSetOptions): Promise<ImageSet> {
  const { name, data, heldOut, crop, batch, scale, smallest = scale } = options;
  const idx = await readIdx(data);
  if (idx && heldOut !== undefined) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `${name}: expected held-out names with a folder of photos, got them with the IDX file at '${data}'`,
      fix: 'Leave --held-out away: the last twelfth of the images is held out',
    });
  }
  const images = idx
    ? grayImageSet(idx, Math.max(1, Math.floor(idx.length / 12)))
    : await photoImageSet(data, crop, heldOut);
  const { count, size, variance } = images;
  if (size.some((side) => side % scale !== 0 || side < smallest) || count < batch) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `${name}: expected images of sides that are multiples of ${scale}${smallest > scale ? ` from ${smallest} on` : ''}, at least ${batch}, got ${count} of ${size.join('×')}`,
      fix: 'Use another data set, a smaller batch, or fewer changes of resolution',
    });
  }
  // Rounding leaves a little of nothing.
  if (!(variance > 1e-9)) {
    throw new TrainingError({
      code: 'IMAGE_UNREADABLE',
      message: `${name}: expected images that differ, got ${count} of one colour at '${data}'`,
      fix: 'Use another data set: there is nothing to learn in this one',
    });
  }
  return images;
}
