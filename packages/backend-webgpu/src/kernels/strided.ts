/** `transpose`, `slice` and `broadcast`: all are an output index, split into coordinates, times strides of the input. */
import {
  broadcastStrides,
  type DType,
  mergeAxes,
  type RequiredKernels,
  type Shape,
  sizeOf,
  stridesOf,
  type TensorSpec,
} from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, type Plan, planOf } from '../plan.ts';
import { i32, type Parameter, unroll } from '../wgsl/shader.ts';
import { bitsOf, movementStep, sizeParams, splitIndex, unitFor } from './movement.ts';

/** A view of an input: where output coordinate (0, 0, …) lies, and how far a step along each axis goes, in values. */
interface StridedView {
  readonly label: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly base: number;
  readonly strides: readonly number[];
}

/** The largest number of values that can be moved at once: a divisor of the inner run, of all steps and of the base. */
function commonRun(sizes: readonly number[], steps: readonly number[], base: number): number {
  if (steps.at(-1) !== 1) return 1;
  const divides = (n: number): boolean =>
    sizes.at(-1)! % n === 0 && base % n === 0 && steps.slice(0, -1).every((step) => step % n === 0);
  return [16, 8, 4, 2].find(divides) ?? 1;
}

function stridedPlan({ label, dtype, shape, base, strides }: StridedView): Plan {
  if (sizeOf(shape) === 0) return emptyPlan;
  const {
    sizes,
    strides: [steps],
  } = mergeAxes(shape, [strides]);
  const { bits, values } = unitFor(dtype, commonRun(sizes, steps!, base));
  const isInner = (axis: number): boolean => axis === sizes.length - 1;
  const unitSizes = sizes.map((n, axis) => (isInner(axis) ? n / values : n));
  const params: Record<string, Parameter> = { base: i32(base / values), ...sizeParams('size', unitSizes) };
  steps!.forEach((step, axis) => {
    params[`step${axis}`] = i32(isInner(axis) && values > 1 ? 1 : step / values);
  });
  const terms = unroll(sizes.length, (axis) => ` + i32(at${axis}) * params.step${axis}`, '');
  return planOf(
    movementStep({
      label,
      bits: values === 1 ? bitsOf(dtype) : bits,
      count: sizeOf(unitSizes),
      inputs: [{ name: 'x', buffer: input(0) }],
      output: output(),
      params,
      value: `${splitIndex('size', sizes.length)}\nreturn read_x(u32(params.base${terms}));`,
    }),
  );
}

/** x → axes permuted. */
export const transpose: Kernel<RequiredKernels['transpose']> = ({ inputs, attributes: { perm }, outputs }) => {
  const strides = stridesOf(inputs[0]!.shape);
  const { shape, dtype } = outputs[0]!;
  return stridedPlan({ label: 'transpose', dtype, shape, base: 0, strides: perm.map((axis) => strides[axis]!) });
};

/** x → every `step`-th element from `begin` on. */
export const slice: Kernel<RequiredKernels['slice']> = ({ inputs, attributes: { begin, step }, outputs }) => {
  const strides = stridesOf(inputs[0]!.shape);
  const { shape, dtype } = outputs[0]!;
  const base = begin.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  return stridedPlan({ label: 'slice', dtype, shape, base, strides: strides.map((s, axis) => s * step[axis]!) });
};

/** x → the output's shape, by NumPy broadcasting. */
export const broadcast: Kernel<RequiredKernels['broadcast']> = ({ inputs, outputs }) => {
  const { shape, dtype } = outputs[0]!;
  const strides = broadcastStrides(inputs[0]!.shape, shape);
  return stridedPlan({ label: 'broadcast', dtype, shape, base: 0, strides });
};

/** A copy of the input, bit for bit. */
export function copyPlan({ dtype, shape }: TensorSpec): Plan {
  const words = Math.ceil((sizeOf(shape) * bitsOf(dtype)) / 32);
  if (words === 0) return emptyPlan;
  // Buffers are whole multiples of 16 bytes, so whole vec4s never leave them.
  return planOf(
    movementStep({
      label: 'copy',
      bits: 128,
      count: Math.ceil(words / 4),
      inputs: [{ name: 'x', buffer: input(0) }],
      output: output(),
      value: 'return read_x(i);',
    }),
  );
}
