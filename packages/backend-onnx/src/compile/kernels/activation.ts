/** Activations: by name after a convolution, and as kernels of their own. */
import type { Activation, CompositeKernels } from '@vqkit/core';
import { isBlocked } from '../blocked.ts';
import { operatorOf } from '../element-types.ts';
import type { Lower, Lowering, Pair } from '../lowering.ts';
import { blockedSum } from './blocked-images.ts';
import { elementwise } from './elementwise.ts';

/** Applies an activation to values by name; `leakyRelu` has slope 0.2. */
export function activated(l: Lowering, name: string, activation: Activation): string {
  if (activation === 'none') return name;
  if (activation === 'silu') return silu(l, name);
  return l.g.op(operatorOf(activation), [name], activation === 'leakyRelu' ? { alpha: { float: 0.2 } } : {});
}

/** x·sigmoid(x), in one pass over memory where the engine can. */
function silu({ g, dialect }: Lowering, x: string): string {
  if (dialect.contrib) return g.op('QuickGelu', [x], { alpha: { float: 1 } }, 'com.microsoft');
  return g.op('Mul', [x, g.op('Sigmoid', [x])]);
}

/** Lowers `silu`. */
export const lowerSilu: Lower = (l, inputs, _, [view]) => elementwise(l, inputs, view, ([x]) => silu(l, x!));

/** Lowers `siluGrad`: with s = σ(x) and z = x·s, dy·s·(1 + x − z); z is at hand from the forward pass. */
export const lowerSiluGrad: Lower<object, Pair> = (l, inputs, _, [view]) => {
  const { g } = l;
  return elementwise(l, inputs, view, ([dy, x], { shape, order }) => {
    const z = silu(l, x!);
    const factor = isBlocked(shape, order, l.dialect.blockSize)
      ? blockedSum(l, x!, z, shape, -1, 1)
      : g.op('Add', [g.op('Sub', [x!, z]), g.scalar(1, 'float')]);
    return g.op('Mul', [dy!, g.op('Mul', [g.op('Sigmoid', [x!]), factor])]);
  });
};

/** Lowers `gelu`. */
export const lowerGelu: Lower<CompositeKernels['gelu']> = (l, inputs, { approximation }, [view]) =>
  elementwise(l, inputs, view, ([x]) => l.g.op('Gelu', [x!], { approximate: { string: approximation } }));

/** Lowers `leakyRelu`. */
export const lowerLeakyRelu: Lower<CompositeKernels['leakyRelu']> = (l, inputs, { slope }, [view]) =>
  elementwise(l, inputs, view, ([x]) => l.g.op('LeakyRelu', [x!], { alpha: { float: slope } }));
