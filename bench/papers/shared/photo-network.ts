/** Sizes of the photo tokenizer's networks in papers. */
import type { PhotoRecipeOptions } from '@vqkit/training';

/** A quarter of the published weights' parameters, so that a row takes minutes. */
const smallNetwork = {
  encoderChannels: [32, 48, 80],
  encoderBlocks: [1, 1, 2],
  decoderChannels: [96, 64, 32, 16, 16],
  decoderBlocks: [2, 1, 1],
} as const satisfies PhotoRecipeOptions['network'];

/** Sizes by their name; undefined are those of the published weights. @throws Error for an unknown name. */
export function networkNamed(name: string): PhotoRecipeOptions['network'] {
  if (name !== 'small' && name !== 'full') throw new Error(`expected --network small or full, got ${name}`);
  return name === 'small' ? smallNetwork : undefined;
}
