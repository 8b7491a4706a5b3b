/**
 * Kernels with empty inputs. tfjs's runtimes differ there (wasm returns uninitialised memory, webgpu refuses empty
 * buffers), so no kernel ever sees an empty tensor: the results are constants, and known.
 */
import { emptyReductions, type KernelCall, type ReduceOp, sizeOf, type TensorSpec } from '@vqkit/core';

const isEmpty = ({ shape }: TensorSpec): boolean => sizeOf(shape) === 0;

/**
 * The value that fills an output when there is nothing to compute it from.
 *
 * @returns A number when the output is empty, or when an input is and the kernel's result is then constant; undefined
 *   when the kernel must run.
 */
export function valueFromNothing(
  { kernel, inputs, attributes }: KernelCall<TensorSpec>,
  output: TensorSpec,
): number | undefined {
  if (isEmpty(output)) return 0;
  if (!inputs.some(isEmpty)) return undefined;
  if (kernel === 'concat') return undefined;
  if (kernel === 'reduce') return emptyReductions[attributes.op as ReduceOp];
  if (kernel === 'pad') return attributes.value as number;
  return 0;
}
