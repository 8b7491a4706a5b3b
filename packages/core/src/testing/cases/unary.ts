/** `unary`: every function, over dtypes and awkward sizes. */
import type { UnaryOp } from '../../backend/kernels.ts';
import { hostTensor } from '../../cpu/host-kernel.ts';
import { exact, type Tolerance } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, integers, noise, spec } from '../samples.ts';
import { hyperbolic, roundedOnce, transcendental, trigonometric } from '../tolerances.ts';

/** Range of arguments and tolerance of each float function. */
const floats: Readonly<Record<Exclude<UnaryOp, 'not'>, readonly [low: number, high: number, tolerance: Tolerance]>> = {
  identity: [-10, 10, exact],
  neg: [-10, 10, exact],
  abs: [-10, 10, exact],
  sign: [-2, 2, exact],
  square: [-10, 10, roundedOnce],
  exp: [-20, 10, transcendental],
  log: [1e-3, 100, transcendental],
  sqrt: [0, 100, transcendental],
  rsqrt: [0.01, 100, transcendental],
  reciprocal: [0.1, 10, transcendental],
  sin: [-3, 3, trigonometric],
  cos: [-3, 3, trigonometric],
  tanh: [-10, 10, hyperbolic],
  sigmoid: [-20, 20, transcendental],
  relu: [-5, 5, exact],
  // erf is made of exp and a polynomial wherever it is not built in; Abramowitz & Stegun 7.1.26 reaches 1.5e-7.
  erf: [-5, 5, { relative: 0, absolute: 3e-6 }],
  floor: [-10, 10, exact],
  ceil: [-10, 10, exact],
  round: [-10, 10, exact],
};

const shapes: readonly (readonly number[])[] = [[], [0], [1], [7], [3, 5, 2]];

const floatCases = Object.entries(floats).flatMap(([op, [low, high, tolerance]]) =>
  [...shapes, [1031]].map((shape) =>
    kernelCase(
      `unary: ${op} f32 [${shape}]`,
      () => ({
        kernel: 'unary',
        inputs: [noise(shape, 11, low, high)],
        attributes: { op },
        outputs: [spec('f32', ...shape)],
      }),
      tolerance,
    ),
  ),
);

const integerCases = (['neg', 'abs', 'sign', 'square', 'identity'] as const).map((op) =>
  kernelCase(`unary: ${op} i32`, () => ({
    kernel: 'unary',
    inputs: [hostTensor('i32', [9], [0, 1, -1, 7, -7, 46341, -46341, 2147483647, -2147483647])],
    attributes: { op },
    outputs: [spec('i32', 9)],
  })),
);

const identityCases = (['u32', 'u8', 'f16'] as const).flatMap((dtype) =>
  [[], [0], [5], [2, 3]].map((shape) =>
    kernelCase(`unary: identity ${dtype} [${shape}]`, () => ({
      kernel: 'unary',
      inputs: [anyValues(dtype, shape)],
      attributes: { op: 'identity' },
      outputs: [spec(dtype, ...shape)],
    })),
  ),
);

const special = (op: UnaryOp, values: readonly number[], tolerance?: Tolerance): ConformanceCase =>
  kernelCase(
    `unary: ${op} of ${values.join(', ')}`,
    () => ({
      kernel: 'unary',
      inputs: [hostTensor('f32', [values.length], values)],
      attributes: { op },
      outputs: [spec('f32', values.length)],
    }),
    tolerance,
  );

/** All functions of one input. */
export const unaryCases: readonly ConformanceCase[] = [
  ...floatCases,
  ...integerCases,
  ...identityCases,
  kernelCase('unary: not u8', () => ({
    kernel: 'unary',
    inputs: [integers('u8', [11], 0, 3)],
    attributes: { op: 'not' },
    outputs: [spec('u8', 11)],
  })),
  // Halves go to the even neighbour; 8388607.5 is the largest half in float32.
  special('round', [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.49999997, 8388607.5, 1e20]),
  special('floor', [-1, -0.5, 0, 0.5, 1, 1e20, -1e20]),
  special('ceil', [-1, -0.5, 0, 0.5, 1, 1e20, -1e20]),
  special('sign', [-3, 0, 5]),
  special('exp', [0, Number.NEGATIVE_INFINITY, -200]),
  special('sigmoid', [-200, -100, 0, 100, 200], transcendental),
  special('tanh', [-100, -20, 0, 20, 100], hyperbolic),
  special('erf', [-20, -6, 0, 6, 20], { relative: 0, absolute: 3e-6 }),
  special('sqrt', [0, 1, 4, 1e10], transcendental),
  special('log', [1e-30, 1, 1e30], transcendental),
];
