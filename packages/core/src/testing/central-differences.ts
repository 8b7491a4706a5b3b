/**
 * Gradients by differences, the judge of every gradient rule. The function is evaluated on the backend in float32, but
 * its outputs are weighted and summed in float64 on the host, so that only each output's own rounding matters.
 */
import type { Backend } from '../backend/backend.ts';
import type { HostTensor } from '../cpu/host-kernel.ts';
import { add, mul, random, sum, type Tensor, tensor, tensorsOf, valueAndGrad } from '../index.ts';
import { expectClose, type Tolerance } from './assertions.ts';
import { type Evaluated, evaluate } from './op-case.ts';

/** What the outputs of a checked function may be: a tensor or a tree of them; integers are ignored. */
export type Differentiable = (...inputs: Tensor[]) => unknown;

/** How differences are taken. */
export interface DifferenceOptions {
  /** Distance of the evaluations. Default 2⁻⁵: float32 rounding (6e-8/h) and the h⁴ of the formula are both about 1e-6. */
  readonly step?: number;
  /** Which inputs to differentiate; all of dtype f32 unless given. */
  readonly wrt?: readonly number[];
}

/** Fixed random weights in [0.5, 1.5) that turn outputs into one number. */
function weightsFor(outputs: readonly { readonly size: number }[]): Float32Array[] {
  return outputs.map(({ size }, i) => random(1000 + i).uniformArray(size, 0.5, 1.5));
}

function weighted(outputs: readonly Evaluated[]): number {
  const floats = outputs.filter(({ dtype }) => dtype === 'f32');
  const weights = weightsFor(floats.map(({ data }) => ({ size: data.length })));
  let total = 0;
  floats.forEach(({ data }, k) => {
    for (let i = 0; i < data.length; i++) total += data[i]! * weights[k]![i]!;
  });
  return total;
}

function differentiated(inputs: readonly HostTensor[], { wrt }: DifferenceOptions): number[] {
  return inputs.flatMap(({ dtype }, i) => (dtype === 'f32' && (wrt?.includes(i) ?? true) ? [i] : []));
}

/**
 * Gradient of Σ weights·outputs by central differences with one Richardson step:
 * (8·(f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h.
 *
 * @returns One array per differentiated input.
 */
export async function centralDifferences(
  backend: Backend,
  fn: Differentiable,
  inputs: readonly HostTensor[],
  options: DifferenceOptions = {},
): Promise<Float64Array[]> {
  const { step = 2 ** -5 } = options;
  const gradients: Float64Array[] = [];
  for (const which of differentiated(inputs, options)) {
    const { data } = inputs[which]!;
    const gradient = new Float64Array(data.length);
    const at = async (element: number, distance: number): Promise<number> => {
      const moved = data.slice();
      moved[element]! += distance;
      const changed = inputs.map((x, i) => (i === which ? { ...x, data: moved } : x));
      return weighted(await evaluate(backend, fn, changed));
    };
    for (let i = 0; i < data.length; i++) {
      const near = (await at(i, step)) - (await at(i, -step));
      const far = (await at(i, 2 * step)) - (await at(i, -2 * step));
      gradient[i] = (8 * near - far) / (12 * step);
    }
    gradients.push(gradient);
  }
  return gradients;
}

/** Gradient of the same weighted sum by `valueAndGrad`; one result per differentiated input. */
export async function analyticGradients(
  backend: Backend,
  fn: Differentiable,
  inputs: readonly HostTensor[],
  options: DifferenceOptions = {},
): Promise<Evaluated[]> {
  const chosen = differentiated(inputs, options);
  const gradientsAt = (...all: Tensor[]): Tensor[] => {
    const loss = (params: Tensor[]): Tensor => {
      const outputs = tensorsOf(fn(...all.map((x, i) => params[chosen.indexOf(i)] ?? x)));
      const floats = outputs.filter(({ dtype }) => dtype === 'f32');
      const weights = weightsFor(floats);
      return floats.map((y, i) => sum(mul(y, tensor(y.backend, weights[i]!, y.shape)))).reduce((a, b) => add(a, b));
    };
    return valueAndGrad(loss)(chosen.map((i) => all[i]!)).gradients;
  };
  return evaluate(backend, gradientsAt, inputs);
}

/** Central differences carry about 1e-5 of rounding and truncation for functions of size 1. */
const differenceTolerance: Tolerance = { relative: 2e-3, absolute: 2e-4 };

/**
 * Fails unless `valueAndGrad` and central differences agree.
 *
 * @param fn  Smooth within two steps of the inputs.
 * @throws ConformanceError `VALUES_DIFFER`, naming the input and the element.
 *
 * @example
 * await checkGradients(cpu(), (x) => softmax(x), [noise([2, 3])]);
 */
export async function checkGradients(
  backend: Backend,
  fn: Differentiable,
  inputs: readonly HostTensor[],
  options: DifferenceOptions & { readonly tolerance?: Tolerance } = {},
): Promise<void> {
  const { tolerance = differenceTolerance } = options;
  const expected = await centralDifferences(backend, fn, inputs, options);
  const actual = await analyticGradients(backend, fn, inputs, options);
  const chosen = differentiated(inputs, options);
  expected.forEach((values, i) => {
    expectClose(actual[i]!.data, values, tolerance, `gradient of input ${chosen[i]}`);
  });
}
