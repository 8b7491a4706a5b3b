/** Activations: by name after a convolution, and as kernels of their own. */
import type { Activation, GraphNode } from '@vqkit/core';
import { isBlocked } from '../blocked.ts';
import type { Lowering } from '../lowering.ts';
import type { Value } from '../value.ts';
import { blockedSum } from './blocked-images.ts';
import { elementwise } from './elementwise.ts';

/** Applies an activation to values by name; `leakyRelu` has slope 0.2. */
export function activated(l: Lowering, name: string, activation: Activation): string {
  const { g } = l;
  switch (activation) {
    case 'none':
      return name;
    case 'relu':
      return g.op('Relu', [name]);
    case 'leakyRelu':
      return g.op('LeakyRelu', [name], { alpha: { float: 0.2 } });
    case 'sigmoid':
      return g.op('Sigmoid', [name]);
    case 'tanh':
      return g.op('Tanh', [name]);
    case 'gelu':
      return g.op('Gelu', [name]);
    case 'silu':
      return silu(l, name);
  }
}

/** x·sigmoid(x), in one pass over memory where the engine can. */
function silu({ g, dialect }: Lowering, x: string): string {
  if (dialect.contrib) return g.op('QuickGelu', [x], { alpha: { float: 1 } }, 'com.microsoft');
  return g.op('Mul', [x, g.op('Sigmoid', [x])]);
}

/** Lowers `silu`. */
export function lowerSilu(l: Lowering, node: GraphNode): Value {
  return elementwise(l, node, ([x]) => silu(l, x!));
}

/** Lowers `siluGrad`: with s = σ(x) and z = x·s, dy·s·(1 + x − z); z is at hand from the forward pass. */
export function lowerSiluGrad(l: Lowering, node: GraphNode): Value {
  const { g } = l;
  return elementwise(l, node, ([dy, x], { shape, order }) => {
    const z = silu(l, x!);
    const factor = isBlocked(shape, order, l.blockSize)
      ? blockedSum(l, x!, z, shape, -1, 1)
      : g.op('Add', [g.op('Sub', [x!, z]), g.scalar(1, 'float')]);
    return g.op('Mul', [dy!, g.op('Mul', [g.op('Sigmoid', [x!]), factor])]);
  });
}

/** Lowers `gelu`. */
export function lowerGelu(l: Lowering, node: GraphNode): Value {
  const approximate = { approximate: { string: String(node.attributes.approximation) } };
  return elementwise(l, node, ([x]) => l.g.op('Gelu', [x!], approximate));
}

/** Lowers `leakyRelu`. */
export function lowerLeakyRelu(l: Lowering, node: GraphNode): Value {
  const alpha = { alpha: { float: Number(node.attributes.slope) } };
  return elementwise(l, node, ([x]) => l.g.op('LeakyRelu', [x!], alpha));
}
