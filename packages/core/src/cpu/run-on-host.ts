/**
 * The table of reference kernels, and a function that runs one call on host arrays. `satisfies` makes a missing
 * required kernel a compile error.
 */
import type { KernelCall } from '../backend/backend.ts';
import type { CompositeKernels } from '../backend/composites.ts';
import type { RequiredKernel, RequiredKernels } from '../backend/kernels.ts';
import type { TensorSpec, TypedArray } from '../dtype.ts';
import { BackendError } from '../errors.ts';
import { binary, compare, where } from './binary.ts';
import { cast } from './cast.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from './conv2d.ts';
import { broadcast, slice, transpose } from './copy.ts';
import { fill, range } from './create.ts';
import { gather, scatterAdd } from './gather.ts';
import type { HostKernel } from './host-kernel.ts';
import { concat, pad } from './join.ts';
import { matmul } from './matmul.ts';
import { nearestCode } from './nearest-code.ts';
import { pool2d, pool2dGrad } from './pool2d.ts';
import { argReduce, reduce } from './reduce.ts';
import { unary } from './unary.ts';

/** The required kernels on host arrays. */
const hostKernels = {
  fill,
  range,
  unary,
  binary,
  compare,
  where,
  cast,
  reduce,
  argReduce,
  matmul,
  conv2d,
  conv2dInputGrad,
  conv2dFilterGrad,
  pool2d,
  pool2dGrad,
  transpose,
  slice,
  broadcast,
  concat,
  pad,
  gather,
  scatterAdd,
} as const satisfies { readonly [K in keyof RequiredKernels]: HostKernel<RequiredKernels[K]> };

/** Names of the kernels that every backend has. */
export const requiredKernels = Object.keys(hostKernels) as readonly RequiredKernel[];

/** The composite ops that the reference computes in its own way, where that is more exact or needs less memory. */
export const hostOverrides = { nearestCode } as const satisfies {
  readonly [K in keyof CompositeKernels]?: HostKernel<CompositeKernels[K]>;
};

// The table is keyed by strings from here on; each kernel trusts that its attributes are its own.
const table = new Map<string, HostKernel<never>>(Object.entries({ ...hostKernels, ...hostOverrides }));

/**
 * Runs one kernel call on host arrays.
 *
 * @param call  Input and output specs; required kernels and `hostOverrides`.
 * @param inputs  Values, one array per input spec; never written to.
 * @returns One fresh array per output spec.
 * @throws BackendError `KERNEL_MISSING` for any other kernel name.
 *
 * @example
 * const spec = { shape: [2], dtype: 'f32' } as const;
 * const call = { kernel: 'unary', inputs: [spec], attributes: { op: 'neg' }, outputs: [spec] };
 * const [y] = runOnHost(call, [Float32Array.of(1, 2)]); // [-1, -2]
 */
export function runOnHost(call: KernelCall<TensorSpec>, inputs: readonly TypedArray[]): TypedArray[] {
  const kernel = table.get(call.kernel);
  if (kernel === undefined) {
    throw new BackendError({
      code: 'KERNEL_MISSING',
      message: `cpu: expected a required kernel, got '${call.kernel}'`,
      fix: 'Give the op a default (`forward` in its definition), or use a backend that has this kernel',
    });
  }
  const tensors = call.inputs.map(({ shape, dtype }, i) => ({ shape, dtype, data: inputs[i]! }));
  return kernel(tensors, call.attributes as never, call.outputs);
}
