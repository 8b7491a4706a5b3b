/** Cuts the flow of gradients. In a file of its own, because basic ops need it. */
import { alias, type Tensor } from '../tensor/tensor.ts';

/**
 * The same values, through which no gradient flows.
 *
 * @returns A tensor like `x`.
 */
export function stopGradient(x: Tensor): Tensor {
  return alias(x);
}
