/** Cases that run one kernel call on the backend and on the host reference, and compare. They need no ops. */
import type { Attributes, Backend, KernelCall, View } from '../backend/backend.ts';
import type { HostTensor } from '../cpu/host-kernel.ts';
import { runOnHost } from '../cpu/run-on-host.ts';
import { sizeOf, type TensorSpec, type TypedArray } from '../dtype.ts';
import { exact, expectClose, expectThat, scaleTolerance, type Tolerance } from './assertions.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** A kernel call with its inputs' values. */
export interface HostCall {
  readonly kernel: string;
  readonly inputs?: readonly HostTensor[];
  readonly attributes?: Attributes;
  readonly outputs: readonly TensorSpec[];
}

/** Uploads the inputs, runs the call, reads the outputs and frees everything. */
export async function runHostCall(backend: Backend, call: HostCall): Promise<TypedArray[]> {
  const { kernel, inputs = [], attributes = {}, outputs } = call;
  const views: View[] = inputs.map(({ shape, dtype, data }) => ({
    handle: backend.upload(data, { shape, dtype }),
    shape,
    dtype,
  }));
  try {
    const handles = backend.run({ kernel, inputs: views, attributes, outputs });
    expectThat(
      handles.length === outputs.length,
      `${kernel}: expected ${outputs.length} outputs, got ${handles.length}`,
    );
    try {
      return await Promise.all(handles.map((handle, i) => backend.read({ handle, ...outputs[i]! })));
    } finally {
      for (const handle of handles) backend.free(handle);
    }
  } finally {
    for (const { handle } of views) backend.free(handle);
  }
}

/** The same call on the host reference. */
export function expectedOf({ kernel, inputs = [], attributes = {}, outputs }: HostCall): TypedArray[] {
  const call: KernelCall<TensorSpec> = { kernel, inputs, attributes, outputs };
  return runOnHost(
    call,
    inputs.map(({ data }) => data),
  );
}

/** Fails unless `actual` is of the type and size of `spec` and close to `expected`. */
export function expectOutput(
  actual: TypedArray,
  expected: TypedArray,
  { shape, dtype }: TensorSpec,
  tolerance: Tolerance,
  what: string,
): void {
  expectThat(
    actual.constructor === expected.constructor,
    `${what}: expected ${expected.constructor.name} for ${dtype}, got ${actual.constructor.name}`,
  );
  expectThat(actual.length === sizeOf(shape), `${what}: expected ${sizeOf(shape)} values, got ${actual.length}`);
  // Integers, truth values and f16 bits are right or wrong.
  expectClose(actual, expected, dtype === 'f32' ? tolerance : exact, what);
}

/**
 * A case that compares one call with the reference.
 *
 * @param makeCall  Makes the call when the case runs, so that the list of cases costs nothing.
 */
export function kernelCase(name: string, makeCall: () => HostCall, tolerance: Tolerance = exact): ConformanceCase {
  return {
    name,
    run: async ({ backend, toleranceScale }) => {
      const call = makeCall();
      const actual = await runHostCall(backend, call);
      const expected = expectedOf(call);
      call.outputs.forEach((output, i) => {
        const what = call.outputs.length > 1 ? `output ${i}` : 'output';
        expectOutput(actual[i]!, expected[i]!, output, scaleTolerance(tolerance, toleranceScale), what);
      });
    },
  };
}
