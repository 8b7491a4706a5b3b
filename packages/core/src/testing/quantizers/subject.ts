/** What the contract suite tests: a quantizer, parameters and features to test it with, and what its gradients claim. */
import type { Backend } from '../../backend/backend.ts';
import type { Quantizer } from '../../codebook/quantizer.ts';
import type { HostTensor } from '../../cpu/host-kernel.ts';
import { hostTensor } from '../../cpu/host-kernel.ts';
import { random, sizeOf, type Tensor, tensor, tensorsOf, unflatten } from '../../index.ts';
import type { Tolerance } from '../assertions.ts';
import { exact } from '../assertions.ts';

/** A quantizer under test. `P` is its parameter tree, `S` its statistics. */
export interface QuantizerSubject<P, S> {
  readonly create: () => Quantizer<P, S>;
  /** Parameters that spread codes about as wide as the features. Default: `init` with that seed. */
  readonly params?: (quantizer: Quantizer<P, S>, backend: Backend, seed: number) => P;
  /** Standard deviation of the features, or the features themselves. Default 1. */
  readonly features?: number | ((shape: readonly number[], seed: number) => Float32Array);
  /** N, H and W of the features. Default [2, 2, 3]. */
  readonly size?: readonly [number, number, number];
  /**
   * The function whose derivative at `z0` and `params0` is, by definition, the gradient of `quantized`: with respect to `z`, and
   * to the parameters where `trainsThrough` says so. Default: z itself, as straight-through says.
   */
  readonly surrogate?: (z: Tensor, z0: Tensor, params: P, params0: P) => Tensor;
  /** Whether the gradient of `quantized` reaches the parameters; it must be zero for them otherwise. Default false. */
  readonly trainsThrough?: boolean;
  /**
   * Which gradients of each loss are its true derivatives, and so agree with differences; of what is not named the
   * gradient must be zero. `'other'` where neither holds; such losses need a test of their own.
   */
  readonly derivatives?: Readonly<Record<string, readonly ('z' | 'params')[] | 'other'>>;
  /** Distance for differences; small enough that no index changes. Default 2⁻⁷. */
  readonly step?: number;
  /** Between `decode(encode(z))` and `quantize(z).quantized`. Default: not a bit. */
  readonly roundTrip?: Tolerance;
  /** Whether different seeds give different parameters. Default true. */
  readonly isSeeded?: boolean;
}

/** Parameters of a subject on a backend. */
export function paramsOf<P, S>(subject: QuantizerSubject<P, S>, backend: Backend, seed = 1): P {
  const quantizer = subject.create();
  return subject.params?.(quantizer, backend, seed) ?? quantizer.init(backend, seed);
}

/** Features for a subject, on the host. */
export function featuresOf<P, S>(subject: QuantizerSubject<P, S>, seed = 1): HostTensor {
  const { features = 1, size = [2, 2, 3] } = subject;
  const shape = [...size, subject.create().dimension];
  const values =
    typeof features === 'number' ? random(seed).normalArray(sizeOf(shape), 0, features) : features(shape, seed);
  return hostTensor('f32', shape, values);
}

/** A tensor of host values. */
export function upload(backend: Backend, { data, shape }: HostTensor): Tensor {
  return tensor(backend, data, shape);
}

/** Words for `update`. */
export function keyOf(backend: Backend, seed: number): Tensor {
  return tensor(backend, random(seed).bits(2));
}

/** The leaves of a parameter tree as host tensors, and the way back. */
export async function openParams<P>(params: P): Promise<{ leaves: HostTensor[]; close: (leaves: Tensor[]) => P }> {
  const leaves = await Promise.all(
    tensorsOf(params).map(async (x) => ({ shape: x.shape, dtype: x.dtype, data: await x.data() })),
  );
  return { leaves, close: (tensors) => unflatten(params, tensors) };
}

/** The tolerance of the round trip. */
export function roundTripOf<P, S>({ roundTrip = exact }: QuantizerSubject<P, S>): Tolerance {
  return roundTrip;
}
