/** How much work a call is, before anything runs. */
import { type KernelCall, sizeOf, type TensorSpec } from '@vqkit/core';

type Call = Pick<KernelCall<TensorSpec>, 'kernel' | 'inputs' | 'outputs'>;

/** Multiplications of the kernels that multiply matrices, about; undefined for the others. */
export function productsOf({ kernel, inputs, outputs }: Call): number | undefined {
  const [a, b] = inputs.map(({ shape }) => shape);
  const y = outputs[0]!.shape;
  switch (kernel) {
    case 'matmul':
      return sizeOf(y) * (a![1]! + a![2]!);
    case 'conv2d':
    case 'conv2dFused':
      return sizeOf(y) * sizeOf(b!.slice(0, 3));
    case 'conv2dInputGrad':
      return sizeOf(a!) * sizeOf(b!.slice(0, 3));
    case 'conv2dFilterGrad':
      return sizeOf(b!) * sizeOf(y.slice(0, 3));
    case 'nearestCode':
      return sizeOf(a!) * b![0]!;
    case 'attention':
      return (sizeOf(a!) + sizeOf(y)) * b![1]!;
    default:
      return undefined;
  }
}

/** Elements that a call reads and writes. */
export function visitsOf({ inputs, outputs }: Call): number {
  return [...inputs, ...outputs].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
