/** Cases that check a gradient twice: the rule against central differences, and the backend against the reference. */
import type { HostTensor } from '../cpu/host-kernel.ts';
import { scaleTolerance, type Tolerance } from './assertions.ts';
import {
  analyticGradients,
  checkGradients,
  type DifferenceOptions,
  type Differentiable,
} from './central-differences.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { evaluate, expectEvaluated } from './op-case.ts';
import { gradientChain } from './tolerances.ts';

/** Options of `gradientCase`. */
export interface GradientCaseOptions extends DifferenceOptions {
  /** Between backend and reference. */
  readonly tolerance?: Tolerance;
  /** False where differences cannot judge, e.g. at a kink, or because the rule is not the derivative. */
  readonly hasDifferences?: boolean;
}

/**
 * A case that checks the gradients of `fn` at the given inputs (all f32 ones, unless `wrt` says otherwise).
 *
 * @param makeInputs  Small: each element costs four evaluations.
 */
export function gradientCase(
  name: string,
  fn: Differentiable,
  makeInputs: () => readonly HostTensor[],
  options: GradientCaseOptions = {},
): ConformanceCase {
  const { tolerance = gradientChain, hasDifferences = true, step, wrt } = options;
  const differences = { ...(step && { step }), ...(wrt && { wrt }) };
  return {
    name: `gradient: ${name}`,
    run: async ({ backend, reference, toleranceScale }) => {
      const inputs = makeInputs();
      if (hasDifferences) await checkGradients(reference, fn, inputs, differences);
      const scaled = scaleTolerance(tolerance, toleranceScale);
      expectEvaluated(await evaluate(backend, fn, inputs), await evaluate(reference, fn, inputs), scaled, 'value');
      const expected = await analyticGradients(reference, fn, inputs, differences);
      const actual = await analyticGradients(backend, fn, inputs, differences);
      expectEvaluated(actual, expected, scaled, 'gradient');
    },
  };
}
