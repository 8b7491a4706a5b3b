/** Cases that compare a compiled function on the backend with the same function run eagerly on the reference. */
import type { HostTensor } from '../cpu/host-kernel.ts';
import { compile, type Tensor } from '../index.ts';
import { scaleTolerance, type Tolerance } from './assertions.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { evaluate, expectEvaluated } from './op-case.ts';
import { chained } from './tolerances.ts';

/** Compiles `fn`, runs it twice (the second run uses what the first one built) and compares both. */
export function compiledCase(
  name: string,
  fn: (...inputs: Tensor[]) => unknown,
  makeInputs: () => readonly HostTensor[],
  tolerance: Tolerance = chained,
): ConformanceCase {
  return {
    name: `compile: ${name}`,
    run: async ({ backend, reference, toleranceScale }) => {
      const inputs = makeInputs();
      const expected = await evaluate(reference, fn, inputs);
      const program = compile(fn);
      try {
        for (const run of ['first run', 'second run']) {
          expectEvaluated(
            await evaluate(backend, program, inputs),
            expected,
            scaleTolerance(tolerance, toleranceScale),
            run,
          );
        }
      } finally {
        program.dispose();
      }
    },
  };
}
