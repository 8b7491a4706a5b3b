/**
 * Cases at the level of ops: one function of tensors, run on the backend (with its overrides) and on the reference
 * (with defaults), on the same host values.
 */
import type { Backend } from '../backend/backend.ts';
import type { HostTensor } from '../cpu/host-kernel.ts';
import type { TensorSpec, TypedArray } from '../dtype.ts';
import { disposeTree, type Tensor, tensor, tensorsOf, tidy } from '../index.ts';
import { expectThat, scaleTolerance, type Tolerance } from './assertions.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { expectOutput } from './kernel-case.ts';
import { chained } from './tolerances.ts';

/** Values read back, with their specs. */
export interface Evaluated extends TensorSpec {
  readonly data: TypedArray;
}

/** Copies host tensors to a backend. */
export function uploadAll(backend: Backend, inputs: readonly HostTensor[]): Tensor[] {
  return inputs.map(({ data, shape }) => tensor(backend, data, shape));
}

/**
 * Runs a function of tensors on host values and reads every tensor in the tree that it returns.
 *
 * @param fn  Gets the inputs on `backend`; runs inside `tidy`.
 */
export async function evaluate(
  backend: Backend,
  fn: (...inputs: Tensor[]) => unknown,
  inputs: readonly HostTensor[],
): Promise<Evaluated[]> {
  const uploaded = uploadAll(backend, inputs);
  try {
    const outputs = tensorsOf(tidy(() => fn(...uploaded)));
    try {
      return await Promise.all(outputs.map(async (x) => ({ shape: x.shape, dtype: x.dtype, data: await x.data() })));
    } finally {
      disposeTree(outputs);
    }
  } finally {
    disposeTree(uploaded);
  }
}

/** Fails unless two lists of values agree in shapes, dtypes and, within the tolerance, in values. */
export function expectEvaluated(
  actual: readonly Evaluated[],
  expected: readonly Evaluated[],
  tolerance: Tolerance,
  what = 'output',
): void {
  expectThat(actual.length === expected.length, `${what}: expected ${expected.length} tensors, got ${actual.length}`);
  expected.forEach((output, i) => {
    const { shape, dtype, data } = actual[i]!;
    const name = expected.length > 1 ? `${what} ${i}` : what;
    expectThat(
      dtype === output.dtype && shape.join() === output.shape.join(),
      `${name}: expected ${output.dtype} [${output.shape}], got ${dtype} [${shape}]`,
    );
    expectOutput(data, output.data, output, tolerance, name);
  });
}

/**
 * A case that compares an op, or anything made of ops, with the reference.
 *
 * @param fn  Returns a tree of tensors.
 * @param makeInputs  Makes the host values when the case runs.
 */
export function opCase(
  name: string,
  fn: (...inputs: Tensor[]) => unknown,
  makeInputs: () => readonly HostTensor[],
  tolerance: Tolerance = chained,
): ConformanceCase {
  return {
    name,
    run: async ({ backend, reference, toleranceScale }) => {
      const inputs = makeInputs();
      const actual = await evaluate(backend, fn, inputs);
      const expected = await evaluate(reference, fn, inputs);
      expectEvaluated(actual, expected, scaleTolerance(tolerance, toleranceScale));
    },
  };
}
