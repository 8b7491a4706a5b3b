/** Where an adversarial loss and one of likeness pull an image together. */
import { add, mul, sum, type Tensor, valueAndGrad } from '@vqkit/core';
import { adaptiveWeight } from '@vqkit/models';

/** The gradient of params from the gradient of what `fn` makes of them. */
export function pullBack<P>(fn: (params: P) => Tensor, params: P, direction: Tensor): P {
  return valueAndGrad((p: P) => sum(mul(fn(p), direction)))(params).gradients;
}

/**
 * The sum of two gradients at the pixels, the adversarial one scaled so that it is `weight` times as long as the other at
 * a layer of the network. At the pixels lengths say little: what L1 and LPIPS want cancels out over a picture much more than
 * what a discriminator wants.
 *
 * @param layer  Parameters of the layer, and the image from them.
 */
export function adversarialDirection<P>(
  likeness: Tensor,
  texture: Tensor,
  layer: { readonly params: P; readonly imageOf: (params: P) => Tensor },
  weight: number,
): { readonly direction: Tensor; readonly factor: Tensor } {
  const lengths = [likeness, texture].map((direction) => pullBack(layer.imageOf, layer.params, direction));
  const factor = adaptiveWeight(lengths[0], lengths[1], { factor: weight });
  return { direction: add(likeness, mul(texture, factor)), factor };
}
