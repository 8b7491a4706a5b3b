/** `unary`: one-input elementwise functions, computed in float64 and rounded once. */

import type { RequiredKernels, UnaryOp } from '../backend/kernels.ts';
import { allocate } from '../dtype.ts';
import { erf } from './erf.ts';
import type { HostKernel } from './host-kernel.ts';

/** The integer nearest to `x`; halves go to the even one. */
export function roundHalfToEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

const functions: Readonly<Record<Exclude<UnaryOp, 'identity'>, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  square: (x) => x * x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
  erf,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  not: (x) => (x === 0 ? 1 : 0),
};

/** x → elementwise. */
export const unary: HostKernel<RequiredKernels['unary']> = ([x], { op }, [out]) => {
  if (op === 'identity') return [x!.data.slice()];
  const { data } = x!;
  const result = allocate(out!.dtype, data.length);
  // Squares of integers wrap, which needs more bits than float64 has.
  const apply = op === 'square' && x!.dtype !== 'f32' ? (v: number) => Math.imul(v, v) : functions[op];
  for (let i = 0; i < result.length; i++) result[i] = apply(data[i]!);
  return [result];
};
