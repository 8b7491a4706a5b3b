/**
 * `@vqkit/core/testing`: the conformance kit. Whoever writes a backend runs it, under a test runner (`describeBackend`) or
 * without one (`runConformance`), and knows. The pieces serve other packages' tests: `checkLeaks`, `checkGradients`,
 * `expectClose`.
 */
export {
  ConformanceError,
  exact,
  expectClose,
  expectError,
  expectSameBits,
  expectThat,
  scaleTolerance,
  type Tolerance,
} from './assertions.ts';
export { conformanceCases } from './cases/index.ts';
export {
  analyticGradients,
  centralDifferences,
  checkGradients,
  type DifferenceOptions,
  type Differentiable,
} from './central-differences.ts';
export { checkLeaks } from './check-leaks.ts';
export type { CaseContext, ConformanceCase } from './conformance-case.ts';
export { delegate } from './delegate.ts';
export { type DescribeBackendOptions, describeBackend, type TestRunner } from './describe-backend.ts';
export { type GradientCaseOptions, gradientCase } from './gradient-case.ts';
export { expectedOf, expectOutput, type HostCall, kernelCase, runHostCall } from './kernel-case.ts';
export { type Evaluated, evaluate, expectEvaluated, opCase } from './op-case.ts';
export { type DescribeQuantizerOptions, describeQuantizer } from './quantizers/describe-quantizer.ts';
export { backendCases as quantizerBackendCases, type QuantizerBackendCase } from './quantizers/on-backends.ts';
export type { QuantizerSubject } from './quantizers/subject.ts';
export { type ConformanceOptions, plainReference } from './run-case.ts';
export {
  type CaseResult,
  type ConformanceReport,
  type RunConformanceOptions,
  runConformance,
} from './run-conformance.ts';
export { anyValues, distinct, indices, integers, noise, spec } from './samples.ts';
export * as tolerances from './tolerances.ts';
