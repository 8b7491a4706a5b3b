/**
 * How operations are made. An op has a shape rule, optionally a default built from other ops, and optionally a
 * gradient. A backend may override any op by name (`backend.supports`); required kernels have no default.
 * `defineOp` is public: a package can bring an op of its own, with kernels for the backends that it cares for.
 */

import type { GradientStep } from '../autograd/node.ts';
import type { Attributes, Backend } from '../backend/backend.ts';
import { isFloat, type TensorSpec } from '../dtype.ts';
import { BackendError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import { alias, fromHandle, type Tensor } from '../tensor/tensor.ts';

/** What a gradient rule gets. */
export interface GradientContext<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /** Gradients of the outputs; undefined where nothing flows back. */
  readonly gradients: readonly (Tensor | undefined)[];
  /** Which inputs' gradients are wanted. */
  readonly needed: readonly boolean[];
}

/** An operation: pure functions only. */
export interface OpDefinition<A extends object> {
  /** Kernel name; also what backends override and what graphs show. */
  readonly name: string;
  /** Output specs from input specs; throws `ShapeError` or `ValueError` on bad input. */
  readonly infer: (inputs: readonly TensorSpec[], attributes: A) => readonly TensorSpec[];
  /** The default, in terms of other ops. Absent for required kernels. */
  readonly forward?: (inputs: readonly Tensor[], attributes: A) => readonly Tensor[];
  /** Whether to run the default, and neither a backend's kernel nor `gradient`, while gradients are recorded: for fused ops whose gradient needs the parts. */
  readonly isComposedWhenRecorded?: (attributes: A) => boolean;
  /** Gradients of the inputs, in ops. Absent: the default is differentiated; and where there is no default either, nothing flows back. */
  readonly gradient?: (context: GradientContext<A>) => readonly (Tensor | undefined)[];
}

/** Runs an op. `backend` is needed only when there are no inputs. */
export type Op<A extends object> = ((inputs: readonly Tensor[], attributes: A, backend?: Backend) => Tensor[]) & {
  readonly definition: OpDefinition<A>;
};

/**
 * Makes an operation from its definition.
 *
 * @returns A function from input tensors and attributes to output tensors.
 *
 * @example
 * const softplus = defineOp<object>({
 *   name: 'softplus',
 *   infer: ([x]) => [x!],
 *   forward: ([x]) => [log(add(exp(x!), 1))],
 * });
 * const [y] = softplus([x], {});
 */
export function defineOp<A extends object>(definition: OpDefinition<A>): Op<A> {
  const run = (inputs: readonly Tensor[], attributes: A, backend?: Backend): Tensor[] =>
    apply(definition, inputs, attributes, backend);
  return Object.assign(run, { definition });
}

function apply<A extends object>(
  op: OpDefinition<A>,
  inputs: readonly Tensor[],
  attributes: A,
  given?: Backend,
): Tensor[] {
  const backend = backendOf(op.name, inputs, given);
  const specs = op.infer(inputs, attributes);
  const compose = (own: readonly Tensor[]): Tensor[] => tidy(() => [...op.forward!(own, attributes)]);
  const isRecorded = inputs.some((x) => x.node !== undefined);
  if (isRecorded && op.isComposedWhenRecorded?.(attributes)) return compose(inputs);
  const isOwnKernel = op.forward === undefined || backend.supports(op.name, inputs, attributes as Attributes);
  if (isRecorded && !isOwnKernel && op.gradient === undefined) return compose(inputs);
  const outputs = isOwnKernel
    ? runKernel(backend, op.name, inputs, attributes, specs)
    : compose(inputs.map((x) => (x.node ? alias(x) : x)));
  if (isRecorded) record(op, inputs, attributes, outputs);
  return outputs;
}

function runKernel(
  backend: Backend,
  kernel: string,
  inputs: readonly Tensor[],
  attributes: object,
  outputs: readonly TensorSpec[],
): Tensor[] {
  const views = inputs.map((x) => x.view);
  const handles = backend.run({ kernel, inputs: views, attributes: attributes as Attributes, outputs });
  return handles.map((handle, i) => fromHandle(backend, handle, outputs[i]!.shape, outputs[i]!.dtype));
}

function record<A extends object>(
  op: OpDefinition<A>,
  inputs: readonly Tensor[],
  attributes: A,
  outputs: readonly Tensor[],
): void {
  if (op.gradient === undefined && op.forward === undefined) return;
  const step: GradientStep = {
    name: op.name,
    inputs,
    backward: (gradients, needed, vjp) =>
      op.gradient
        ? op.gradient({ inputs, outputs, attributes, gradients, needed })
        : vjp((...xs) => op.forward!(xs, attributes), inputs, gradients),
  };
  outputs.forEach((output, index) => {
    if (isFloat(output.dtype)) output.node = { step, index };
  });
}

function backendOf(name: string, inputs: readonly Tensor[], given?: Backend): Backend {
  const backend = inputs[0]?.backend ?? given;
  if (backend === undefined) {
    throw new BackendError({
      code: 'BACKEND_MISSING',
      message: `${name}: expected a backend, since there are no input tensors`,
      fix: 'Pass a backend as the last argument',
    });
  }
  for (const x of inputs) {
    if (x.backend === backend) continue;
    throw new BackendError({
      code: 'BACKEND_MISMATCH',
      message: `${name}: expected all inputs on backend '${backend.name}', got one on '${x.backend.name}'`,
      fix: 'Move it first with `await transfer(tensor, backend)`; inside a traced function pass it as an argument instead of capturing it',
    });
  }
  return backend;
}
