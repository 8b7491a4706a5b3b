/**
 * Training of a generator that draws features by flow matching: the network learns the way from noise to the features of
 * images, at times in between.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; times that lie near the middle more often, and shifted: Esser et al. 2024,
 *   arXiv:2403.03206. Changed: the shift is measured, not chosen by the size of the maps
 */
import {
  add,
  clamp,
  div,
  matmul,
  mean,
  meanSquaredError,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@vqkit/core';
import { flowTime, type LatentFlowOptions, type LatentFlowParams, latentFlow } from '@vqkit/models';
import { hostTensor } from '../../data/batch-source.ts';
import type { DrawingMethod } from './drawing-method.ts';

/** Makes the method for maps of `h`×`w` positions. */
export function flowMethod(
  options: LatentFlowOptions,
  [h, w]: readonly [number, number],
): DrawingMethod<LatentFlowParams> {
  const network = latentFlow(options);
  const { dimension } = options;
  return {
    init: network.init,
    draws: (random, count) => ({
      noise: hostTensor(random.normalArray(count * h * w * dimension), [count, h, w, dimension]),
      time: hostTensor(
        random.normalArray(count).map((value) => 1 / (1 + Math.exp(-value))),
        [count],
      ),
    }),
    loss: (params, { features, labels }, { noise, time: drawn }, _, { average, deviation, shift }) => {
      const z = div(sub(features, average!), deviation!);
      const time = flowTime(drawn!, shift!);
      const t = reshape(time, [-1, 1, 1, 1]);
      const x = add(mul(noise!, sub(1, t)), mul(z, t));
      const way = network.apply(params, { x, time, labels });
      return { loss: meanSquaredError(way, sub(z, noise!)), aux: {} };
    },
    measure: (features) =>
      tidy(() => {
        const average = mean(features, { axes: [0, 1, 2] });
        const variance = mean(square(sub(features, average)), { axes: [0, 1, 2] });
        // Channels that say nothing are not blown up.
        const deviation = sqrt(clamp(variance, 1e-8, Number.MAX_VALUE));
        return { average, deviation, shift: shiftOf(div(sub(features, average), deviation)) };
      }),
    network: (flow, { average, deviation, shift }) => ({
      architecture: 'latent-flow',
      options,
      params: { flow, mean: average!, deviation: deviation!, shift: shift! },
    }),
  };
}

/**
 * How strongly maps stand out of noise of variance 1, f32 `[]`: the root of the mean variance along the principal axes of whole
 * maps, weighted by that variance, Σλ² / Σλ, at least 1 (as of a single map). At the time 1 / (1 + shift) what varies most is as strong as the
 * noise. Σλ² is the mean of the squared products of different maps.
 *
 * @param z  f32 `[N, h, w, D]`, of variance 1 in each channel.
 */
function shiftOf(z: Tensor): Tensor {
  const maps = reshape(z, [z.shape[0]!, -1]);
  const [count, size] = maps.shape as [number, number];
  const products = square(matmul(maps, maps, { transposeB: true }));
  const own = square(sum(square(maps), { axes: [1] }));
  const energy = div(sub(sum(products), sum(own)), Math.max(count * (count - 1), 1) * size);
  return sqrt(clamp(energy, 1, Number.MAX_VALUE));
}
