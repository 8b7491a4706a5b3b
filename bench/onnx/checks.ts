/** Correctness before speed. */
import { adam, type Backend, compile, cpu, random, type Tensor, tensorsOf } from '@vqkit/core';
import { type AutoencoderValues, randomAutoencoder, upload } from './network.ts';
import { trainStep } from './train-step.ts';

function fail(what: string, difference: number, allowed: number): never {
  throw new Error(`${what}: expected equal values, got a difference of ${difference} where ${allowed} is allowed`);
}

/** Fails unless NCHW and NHWC values are the same image. @param dims  `[N, C, H, W]` */
export function checkSame(nchw: Float32Array, nhwc: Float32Array, dims: readonly number[]): void {
  const [, c, h, w] = dims as [number, number, number, number];
  let [largest, difference] = [0, 0];
  nchw.forEach((value, i) => {
    const [image, channel, place] = [Math.floor(i / (c * h * w)), Math.floor(i / (h * w)) % c, i % (h * w)];
    difference = Math.max(difference, Math.abs(value - nhwc[(image * h * w + place) * c + channel]!));
    largest = Math.max(largest, Math.abs(value));
  });
  // float32 sums over 576 products, up to six of them in a row
  if (!(difference <= 1e-4 * largest)) fail('forward', difference, 1e-4 * largest);
}

async function smallStep(backend: Backend): Promise<Float32Array[]> {
  const params = upload(backend, randomAutoencoder(random(7), 16, 1)) as AutoencoderValues<Tensor>;
  const x = random(8).normal(backend, [2, 8, 8, 3]);
  const step = compile(trainStep);
  const { gradients } = step(params, adam<typeof params>().init(params), x);
  const values = await Promise.all(tensorsOf(gradients).map((gradient) => gradient.data()));
  step.dispose();
  return values as Float32Array[];
}

/** Fails unless the gradients of a small training step equal the reference CPU's. */
export async function checkGradients(backend: Backend): Promise<void> {
  const [actual, expected] = [await smallStep(backend), await smallStep(cpu())];
  expected.forEach((reference, k) => {
    const largest = reference.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const difference = reference.reduce((a, b, i) => Math.max(a, Math.abs(b - actual[k]![i]!)), 0);
    // float32 sums over some 2·8·8·144 products
    if (!(difference <= 2e-5 * largest)) fail(`gradient ${k}`, difference, 2e-5 * largest);
  });
}
