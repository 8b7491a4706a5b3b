/** Where an adversarial loss and one of likeness pull an image together. */
import { add, mapTree, mul, stopGradient, sum, type Tensor, valueAndGrad } from '@vqkit/core';
import { adaptiveWeight } from '@vqkit/models';

/** The gradient of params from the gradient of what `fn` makes of them. */
function pullBack<P>(fn: (params: P) => Tensor, params: P, direction: Tensor): P {
  return steered(
    (p: P) => ({ xHat: fn(p) }),
    params,
    () => ({ direction }),
  ).gradients;
}

/** A network whose layers are looked at. */
export interface JudgedNetwork<P> {
  readonly params: P;
  /** The image from all parameters, made as where gradients are wanted, so that a compiled step computes it once. */
  readonly imageOf: (params: P) => Tensor;
  /** The layer at which gradients are compared, among the gradients; the others cost nothing in a compiled step. */
  readonly layerOf: (gradients: P) => unknown;
}

/** What a network makes: images, and losses besides those of the images. */
export interface Made {
  readonly xHat: Tensor;
  readonly losses?: Readonly<Record<string, Tensor>>;
}

/**
 * Gradients of a network whose images are judged, in one pass forward and one back: the judgement is a gradient at the
 * pixels, found from the images as they are made.
 *
 * @param make  The images and whatever else the judgement, or the caller, wants to see; the losses in it are added.
 * @param judge  From what was made, without its history, to the gradient at the pixels.
 */
export function steered<P, M extends Made, J extends { readonly direction: Tensor }>(
  make: (params: P) => M,
  params: P,
  judge: (made: M) => J,
): { readonly gradients: P; readonly made: M; readonly judged: J } {
  const { gradients, aux } = valueAndGrad((p: P) => {
    const made = make(p);
    const seen = mapTree(made, stopGradient) as M;
    const judged = judge(seen);
    const image = sum(mul(made.xHat, judged.direction));
    return { loss: Object.values(made.losses ?? {}).reduce(add, image), aux: { made: seen, judged } };
  })(params);
  return { gradients, ...aux };
}

/**
 * The sum of two gradients at the pixels, the adversarial one scaled so that it is `weight` times as long as the other at
 * a layer of the network. At the pixels lengths say little: what L1 and LPIPS want cancels out over a picture much more than
 * what a discriminator wants.
 */
function adversarialDirection<P>(
  likeness: Tensor,
  texture: Tensor,
  { params, imageOf, layerOf }: JudgedNetwork<P>,
  weight: number,
): { readonly direction: Tensor; readonly factor: Tensor } {
  const [a, b] = [likeness, texture].map((direction) => layerOf(pullBack(imageOf, params, direction)));
  const factor = adaptiveWeight(a, b, { factor: weight });
  return { direction: add(likeness, mul(texture, factor)), factor };
}

/**
 * What likeness, and a discriminator where one counts already, want of images: the gradient at the pixels, and scalars for the log.
 *
 * @param alike  The loss of likeness, and what it measured besides.
 * @param pull  What the discriminator wants, as `critic` gives it; its gradient becomes `weight` times as long as that of likeness.
 */
export function judgeImages<P>(
  xHat: Tensor,
  alike: (xHat: Tensor) => { readonly loss: Tensor; readonly metrics: Readonly<Record<string, Tensor>> },
  discriminator?: {
    readonly pull: (xHat: Tensor) => { readonly value: Tensor; readonly gradients: Tensor };
    readonly network: JudgedNetwork<P>;
    readonly weight: number;
  },
): { readonly direction: Tensor; readonly metrics: { readonly loss: Tensor } & Readonly<Record<string, Tensor>> } {
  const likely = valueAndGrad((y: Tensor) => {
    const { loss, metrics } = alike(y);
    return { loss, aux: metrics };
  })(xHat);
  const { gradients, value: loss, aux } = likely;
  if (discriminator === undefined) return { direction: gradients, metrics: { loss, ...aux } };
  const pulled = discriminator.pull(xHat);
  const { network, weight } = discriminator;
  const { direction, factor } = adversarialDirection(gradients, pulled.gradients, network, weight);
  return { direction, metrics: { loss, ...aux, score: pulled.value, factor } };
}
