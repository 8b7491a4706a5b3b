/**
 * Training of a generator that draws index by index: of each map a share is taken away, by the schedule of drawing, and
 * guessed; of several indices a position a few slots are learned at a step.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200, section 3.1
 */
import { add, cast, div, gather, less, mul, ones, range, reshape, slice, type Tensor } from '@vqkit/core';
import { type IndexGeneratorOptions, type IndexGeneratorParams, indexGenerator } from '@vqkit/models';
import type { TokenizerModel } from '@vqkit/tokenizer';
import { guessLoss } from '../index-transformer/guess-loss.ts';
import { scattered } from '../index-transformer/holes.ts';
import { words } from '../index-transformer/index-batches.ts';
import type { DrawingMethod } from './drawing-method.ts';

/** Slots that are learned at a step, of those that there are. */
const mostTurns = 4;

/** Makes the method for maps of `h`×`w` positions. */
export function maskedMethod(
  sizes: Omit<IndexGeneratorOptions, 'slots'>,
  { rates }: TokenizerModel,
  [h, w]: readonly [number, number],
): DrawingMethod<IndexGeneratorParams> {
  const { quantizer } = rates.at(-1)!;
  const [codes, slots] = [quantizer.codebookSizes[0]!, quantizer.codebookSizes.length];
  const options = { ...sizes, slots };
  const network = indexGenerator(options);
  const turns = Math.min(slots, mostTurns);
  return {
    init: network.init,
    draws: (random, count) => {
      const holes = new Float32Array(count * h * w);
      for (let map = 0; map < count; map++) {
        const isLost = scattered(random, Math.cos((random.next() * Math.PI) / 2));
        for (let i = 0; i < h * w; i++) holes[map * h * w + i] = Number(isLost(i % w, Math.floor(i / w)));
        holes[map * h * w + random.integer(h * w)] = 1;
      }
      const slotsNow = Array.from(random.permutation(slots).subarray(0, turns));
      return { holes: { data: holes, shape: [count, h, w, 1], dtype: 'f32' }, slots: words(slotsNow) };
    },
    loss: (params, { features, labels }, { holes, slots: now }, { quantizer: own, tables }) => {
      const indices = quantizer.encode(own, features);
      const expected = network.see(params, { vectors: quantizer.decode(own, indices), holes: holes!, labels });
      const isCode = ones(features.backend, [1, 1, 1, codes]);
      const parts = Array.from({ length: turns }, (_, i) => {
        const slot = slice(now!, [i], { size: [1] });
        const before = cast(less(range(features.backend, slots), slot), 'u32');
        const soFar = quantizer.decode(own, mul(indices, before));
        const turn = { codes: reshape(gather(tables, slot), [codes, -1]), slot, soFar };
        const wanted = reshape(gather(indices, slot, 3), indices.shape.slice(0, 3));
        return guessLoss(network.score(params, expected, turn), { indices: wanted, isCode }, holes!);
      });
      const mean = (of: (part: (typeof parts)[number]) => Tensor): Tensor => div(parts.map(of).reduce(add), turns);
      return { loss: mean(({ loss }) => loss), aux: { accuracy: mean(({ accuracy }) => accuracy) } };
    },
    measure: () => ({}),
    network: (params) => ({ architecture: 'index-generator', options, params }),
  };
}
