/** `binary`, `compare` and `where`: elementwise functions of several inputs with NumPy broadcasting. */

import type { BinaryOp, CompareOp, RequiredKernels } from '../backend/kernels.ts';
import { allocate, type DType, sizeOf, type TensorSpec, type TypedArray } from '../dtype.ts';
import type { HostKernel, HostTensor } from './host-kernel.ts';
import { broadcastStrides, planWalk, walkRuns } from './walk.ts';

type Combine = (a: number, b: number) => number;

/** Remainder with the sign of the divisor, as in Python. */
function flooredMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const floatFunctions: Readonly<Partial<Record<BinaryOp, Combine>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  max: Math.max,
  min: Math.min,
  mod: flooredMod,
};

// Storing into an integer array keeps the low 32 bits, which is the wrapping that the contract asks for;
// only products need more care, since float64 would round them first.
const integerFunctions: Readonly<Partial<Record<BinaryOp, Combine>>> = {
  ...floatFunctions,
  pow: undefined,
  mul: Math.imul,
  div: (a, b) => Math.trunc(a / b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
};

function binaryFunction(op: BinaryOp, dtype: DType): Combine {
  if (dtype === 'u32' && op === 'shr') return (a, b) => a >>> b;
  return (dtype === 'f32' ? floatFunctions : integerFunctions)[op]!;
}

const comparisons: Readonly<Record<CompareOp, Combine>> = {
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
};

function combine([a, b]: readonly HostTensor[], apply: Combine, out: TensorSpec): TypedArray {
  const result = allocate(out.dtype, sizeOf(out.shape));
  const plan = planWalk(out.shape, [broadcastStrides(a!.shape, out.shape), broadcastStrides(b!.shape, out.shape)]);
  const [strideA, strideB] = plan.innerStrides as [number, number];
  const x = a!.data;
  const y = b!.data;
  walkRuns(plan, [0, 0], (offsets, position) => {
    let i = offsets[0]!;
    let j = offsets[1]!;
    for (let k = position; k < position + plan.inner; k++, i += strideA, j += strideB) {
      result[k] = apply(x[i]!, y[j]!);
    }
  });
  return result;
}

/** a, b → elementwise with broadcasting. */
export const binary: HostKernel<RequiredKernels['binary']> = (inputs, { op }, [out]) => [
  combine(inputs, binaryFunction(op, inputs[0]!.dtype), out!),
];

/** a, b → u8 with broadcasting. */
export const compare: HostKernel<RequiredKernels['compare']> = (inputs, { op }, [out]) => [
  combine(inputs, comparisons[op], out!),
];

/** condition u8, a, b → a where condition ≠ 0, else b. */
export const where: HostKernel<RequiredKernels['where']> = ([condition, a, b], _, [out]) => {
  const result = allocate(out!.dtype, sizeOf(out!.shape));
  const plan = planWalk(
    out!.shape,
    [condition!, a!, b!].map((x) => broadcastStrides(x.shape, out!.shape)),
  );
  const [strideC, strideA, strideB] = plan.innerStrides as [number, number, number];
  walkRuns(plan, [0, 0, 0], (offsets, position) => {
    const [c, i, j] = offsets as [number, number, number];
    for (let k = 0; k < plan.inner; k++) {
      const isFirst = condition!.data[c + k * strideC] !== 0;
      result[position + k] = isFirst ? a!.data[i + k * strideA]! : b!.data[j + k * strideB]!;
    }
  });
  return [result];
};
