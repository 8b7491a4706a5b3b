/**
 * Training of a generator that draws features by flow matching: the network learns the way from noise to the features of
 * images, at times in between.
 *
 * @see Lipman et al. 2023, arXiv:2210.02747; times that lie near the middle more often: Esser et al. 2024, arXiv:2403.03206
 */
import { add, clamp, div, mean, meanSquaredError, mul, reshape, sqrt, square, sub, tidy } from '@vqkit/core';
import { type LatentFlowOptions, type LatentFlowParams, latentFlow } from '@vqkit/models';
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
    loss: (params, { features, labels }, { noise, time }, _, { average, deviation }) => {
      const z = div(sub(features, average!), deviation!);
      const t = reshape(time!, [-1, 1, 1, 1]);
      const x = add(mul(noise!, sub(1, t)), mul(z, t));
      const way = network.apply(params, { x, time: time!, labels });
      return { loss: meanSquaredError(way, sub(z, noise!)), aux: {} };
    },
    measure: (features) =>
      tidy(() => {
        const average = mean(features, { axes: [0, 1, 2] });
        const variance = mean(square(sub(features, average)), { axes: [0, 1, 2] });
        // Channels that say nothing are not blown up.
        return { average, deviation: sqrt(clamp(variance, 1e-8, Number.MAX_VALUE)) };
      }),
    network: (flow, { average, deviation }) => ({
      architecture: 'latent-flow',
      options,
      params: { flow, mean: average!, deviation: deviation! },
    }),
  };
}
