/** `attention`: online where heads are narrow and the GPU is real, else by two products. */
import { type CompositeKernels, sizeOf } from '@vqkit/core';
import { type Call, emptyPlan, type Kernel, type KernelContext, planOf } from '../../plan.ts';
import { fitsOnline, onlineAttention } from './online-attention.ts';
import { fitsProducts, productAttention } from './product-attention.ts';

function isOnline({ inputs }: Pick<Call, 'inputs'>, { traits }: KernelContext): boolean {
  return !traits.isSoftware && fitsOnline(inputs[0]!.shape[2]!, inputs[2]!.shape[2]!);
}

/** Whether the kernel takes this call; the rest is left to core's default. */
export function supportsAttention(call: Call, context: KernelContext): boolean {
  const [q, k] = call.inputs.map(({ shape }) => shape);
  const isEmpty = q![2] === 0 || k![1] === 0;
  return !isEmpty && (isOnline(call, context) || fitsProducts(call, context));
}

/** q `[B,Tq,D]`, k `[B,Tk,D]`, v `[B,Tk,E]`, perhaps a bias → `[B,Tq,E]`. */
export const attention: Kernel<CompositeKernels['attention']> = (call, context) => {
  if (sizeOf(call.outputs[0]!.shape) === 0) return emptyPlan;
  return isOnline(call, context) ? planOf(onlineAttention(call)) : productAttention(call, context);
};
