/** `unary`, `binary`, `compare`, `where`, `cast` and the activations: elementwise graphs of one node. */
import { type CompositeKernels, type RequiredKernels, sizeOf } from '@vqkit/core';
import { type Call, emptyPlan, input, type Kernel, output, type Plan, planOf } from '../plan.ts';
import type { ElementOp } from '../wgsl/expressions.ts';
import { elementwiseStep } from './elementwise.ts';
import { copyPlan } from './strided.ts';

function single(call: Call<unknown>, op: ElementOp, label: string): Plan {
  const out = call.outputs[0]!;
  if (sizeOf(out.shape) === 0) return emptyPlan;
  return planOf(
    elementwiseStep({
      label,
      shape: out.shape,
      inputs: call.inputs.map(({ shape, dtype }, i) => ({ shape, dtype, buffer: input(i) })),
      nodes: [{ op, arguments: call.inputs.map((_, i) => i), dtype: out.dtype }],
      outputs: [{ value: call.inputs.length, buffer: output() }],
    }),
  );
}

/**
 * The elementwise operation behind a call, if it is one; `compile` fuses chains of these.
 *
 * @returns Undefined for other kernels, and for copies, which need no arithmetic.
 */
export function elementOpOf(kernel: string, attributes: Readonly<Record<string, unknown>>): ElementOp | undefined {
  switch (kernel) {
    case 'unary': {
      const { op } = attributes as unknown as RequiredKernels['unary'];
      return op === 'identity' ? undefined : { kind: 'unary', op };
    }
    case 'binary':
      return { kind: 'binary', op: (attributes as unknown as RequiredKernels['binary']).op };
    case 'compare':
      return { kind: 'compare', op: (attributes as unknown as RequiredKernels['compare']).op };
    case 'where':
      return { kind: 'where' };
    case 'cast':
      return { kind: 'cast' };
    case 'silu':
      return { kind: 'activation', op: 'silu' };
    case 'siluGrad':
      return { kind: 'siluGrad' };
    case 'gelu': {
      const { approximation } = attributes as unknown as CompositeKernels['gelu'];
      return { kind: 'activation', op: approximation === 'tanh' ? 'geluTanh' : 'gelu' };
    }
    case 'leakyRelu':
      return { kind: 'activation', op: 'leakyRelu', slope: attributes.slope as number };
    default:
      return undefined;
  }
}

/** Plans any call for which `elementOpOf` knows an operation; identities are copied bit for bit. */
export const pointwise: Kernel<object> = (call) => {
  const op = elementOpOf(call.kernel, call.attributes as Readonly<Record<string, unknown>>);
  if (op === undefined) return copyPlan(call.outputs[0]!);
  const detail = 'op' in op ? ` ${op.op}` : '';
  return single(call, op, `${call.kernel}${detail}`);
};
