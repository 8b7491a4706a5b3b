/** Loads the Inception network of FID; its batch normalisations become part of its convolutions. */
import { type Backend, tensor } from '@vqkit/core';
import { type ConvolutionParams, type NetworkParams, toHwio } from '../networks/convolution.ts';
import { inceptionConvolutions } from '../networks/inception-v3.ts';
import { requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary } from '../weights/state-dictionary.ts';

// BasicConv2d of torchvision and TensorFlow's batch_norm_params
const epsilon = 0.001;

/**
 * Loads the network.
 *
 * @param source  pytorch-fid's state dictionary (`Conv2d_1a_3x3.conv.weight`, `….bn.running_mean`, …), as `.pth` or converted.
 *   Undefined gives the error that says where the official file is.
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED`, `CHECKSUM_MISMATCH`, `PICKLE_UNSAFE`
 */
export async function loadInception(
  backend: Backend,
  source: WeightsSource | undefined,
  options: ReadOptions = {},
): Promise<NetworkParams> {
  const file = await openStateDictionary(requireSource('loadInception', 'inception', source), options);
  const entries: [string, ConvolutionParams][] = [];
  for (const { name, shape } of inceptionConvolutions) {
    const [cout, cin, kh, kw] = shape;
    const weights = await file.read(`${name}.conv.weight`, shape);
    const statistic = (key: string): Promise<Float64Array> => file.readDouble(`${name}.bn.${key}`, [cout]);
    const [scale, shift] = [await statistic('weight'), await statistic('bias')];
    const [mean, variance] = [await statistic('running_mean'), await statistic('running_var')];
    const gain = scale.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
    const folded = weights.map((value, i) => value * gain[Math.floor(i / (cin * kh * kw))]!);
    const bias = Float32Array.from(shift, (value, i) => value - mean[i]! * gain[i]!);
    entries.push([
      name,
      { filter: tensor(backend, toHwio(folded, shape), [kh, kw, cin, cout]), bias: tensor(backend, bias) },
    ]);
  }
  return Object.fromEntries(entries);
}
