/**
 * Runs one kernel call: nothing to compute from, ordinary kernels, or kernels on wide integers. Values are lists of
 * tfjs tensors: one, or two for an integer that a runtime keeps in halves.
 */
import type { KernelCall, TensorSpec } from '@vqkit/core';
import { linear } from './composites/linear.ts';
import { compositeTfKernels } from './composites/table.ts';
import { TfjsError } from './errors.ts';
import { linearKernel } from './graph/fuse-linear.ts';
import { valueFromNothing } from './kernels/from-nothing.ts';
import { requiredTfKernels } from './kernels/table.ts';
import type { TfKernel } from './kernels/tf-kernel.ts';
import type { Frame, Operand } from './runtime/frame.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { TensorInfo } from './runtime/tf-types.ts';
import { type WideOperand, wideKernelFor } from './wide/kernels.ts';
import { toFloat32, toWide, type Wide, wideFull } from './wide/wide.ts';

/** Where a value is stored: one tensor, or its high and its low half. */
export type Parts = readonly TensorInfo[];

/** A call's input: where it is stored, and how it is seen. */
export interface StoredOperand extends TensorSpec {
  readonly parts: Parts;
}

// The table is keyed by strings from here on; each kernel trusts that its attributes are its own.
const kernels = new Map<string, TfKernel<never>>(
  Object.entries({ ...requiredTfKernels, ...compositeTfKernels, [linearKernel]: linear }) as [
    string,
    TfKernel<never>,
  ][],
);

/** Whether a runtime keeps a dtype in halves. */
export function isWide({ integers }: Pick<Runtime, 'integers'>, { dtype }: TensorSpec): boolean {
  return integers === 'float32' && (dtype === 'i32' || dtype === 'u32');
}

const wideParts = ({ hi, lo }: Wide): Parts => [hi, lo];

function kernelNamed(name: string): TfKernel<never> {
  const kernel = kernels.get(name);
  if (kernel !== undefined) return kernel;
  throw new TfjsError({
    code: 'KERNEL_MISSING',
    message: `tfjs: expected a required kernel or an override, got '${name}'`,
    fix: 'Give the op a default (`forward` in its definition), or use a backend that has this kernel',
  });
}

/** A kernel that knows nothing of wide integers: it sees them as float32, and its integers are widened. */
function runOrdinary(frame: Frame, call: KernelCall<WideOperand>): readonly Parts[] {
  const operands = call.inputs.map((x): Operand => {
    const info = x.wide ? toFloat32(frame, x.wide, x.dtype === 'u32') : x.info!;
    return { info, shape: x.shape, dtype: x.dtype };
  });
  const infos = kernelNamed(call.kernel)(frame, operands, call.attributes as never, call.outputs);
  return infos.map((info, i) => (isWide(frame.runtime, call.outputs[i]!) ? wideParts(toWide(frame, info)) : [info]));
}

function runKernel(frame: Frame, call: KernelCall<WideOperand>): readonly Parts[] {
  const { kernel, inputs, attributes, outputs } = call;
  const touchesWide = [...inputs, ...outputs].some((spec) => isWide(frame.runtime, spec));
  const wideKernel = touchesWide ? wideKernelFor(kernel, inputs) : undefined;
  if (wideKernel === undefined) return runOrdinary(frame, call);
  const result = wideKernel(frame, inputs, attributes as never, outputs[0]!);
  return ['hi' in result ? wideParts(result) : [result]];
}

/** An input with its shape, halves by name. */
function operandOf(frame: Frame, { parts, shape, dtype }: StoredOperand): WideOperand {
  const [hi, lo] = parts.map((part) => frame.reshape(part, shape));
  return lo ? { wide: { hi: hi!, lo }, shape, dtype } : { info: hi!, shape, dtype };
}

/**
 * Runs a call.
 *
 * @returns The parts of each output, with the shapes of the output specs.
 * @throws TfjsError `KERNEL_MISSING`, `KERNEL_FAILED`
 */
export function runCall(frame: Frame, call: KernelCall<StoredOperand>): readonly Parts[] {
  const { outputs } = call;
  const constants = outputs.map((output) => valueFromNothing(call, output));
  if (constants.every((value) => value !== undefined)) {
    return outputs.map((output, i) => {
      if (isWide(frame.runtime, output)) return wideParts(wideFull(frame, output.shape, constants[i]!));
      return [frame.full(output.shape, output.dtype, constants[i]!)];
    });
  }
  const inputs = call.inputs.map((operand) => operandOf(frame, operand));
  return runKernel(frame, { ...call, inputs }).map((parts, i) =>
    parts.map((part) => frame.reshape(part, outputs[i]!.shape)),
  );
}
