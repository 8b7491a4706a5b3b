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

type Kernels = RequiredKernels & CompositeKernels;

/** Elementwise operations of kernels. */
const operations = {
  // Copies need no arithmetic.
  unary: ({ op }) => (op === 'identity' ? undefined : { kind: 'unary', op }),
  binary: ({ op }) => ({ kind: 'binary', op }),
  compare: ({ op }) => ({ kind: 'compare', op }),
  where: () => ({ kind: 'where' }),
  cast: () => ({ kind: 'cast' }),
  silu: () => ({ kind: 'activation', op: 'silu' }),
  siluGrad: () => ({ kind: 'siluGrad' }),
  gelu: ({ approximation }) => ({ kind: 'activation', op: approximation === 'tanh' ? 'geluTanh' : 'gelu' }),
  leakyRelu: ({ slope }) => ({ kind: 'activation', op: 'leakyRelu', slope }),
} satisfies { readonly [K in keyof Kernels]?: (attributes: Kernels[K]) => ElementOp | undefined };

const table = new Map<string, (attributes: never) => ElementOp | undefined>(Object.entries(operations));

/**
 * The elementwise operation behind a call, if it is one; `compile` fuses chains of these.
 *
 * @returns Undefined for other kernels, and for copies.
 */
export function elementOpOf(kernel: string, attributes: object): ElementOp | undefined {
  return table.get(kernel)?.(attributes as never);
}

/** Plans any call for which `elementOpOf` knows an operation; identities are copied bit for bit. */
export const pointwise: Kernel<object> = (call) => {
  const op = elementOpOf(call.kernel, call.attributes);
  if (op === undefined) return copyPlan(call.outputs[0]!);
  const detail = 'op' in op ? ` ${op.op}` : '';
  return single(call, op, `${call.kernel}${detail}`);
};
