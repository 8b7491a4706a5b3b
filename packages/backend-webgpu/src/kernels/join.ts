/** `pad`, `concat` and `gather`: movements whose source depends on where the output index falls. */
import { type RequiredKernels, type Shape, sizeOf, type TensorSpec } from '@vqkit/core';
import { type BufferRef, emptyPlan, input, type Kernel, output, type Plan, planOf, temporary } from '../plan.ts';
import { type Parameter, reads, u32, unroll } from '../wgsl/shader.ts';
import { storedWord } from './create.ts';
import { bitsOf, movementStep, sizeParams, splitIndex, unitFor } from './movement.ts';

/** x → surrounded by `value`. */
export const pad: Kernel<RequiredKernels['pad']> = ({ inputs, attributes: { before, value }, outputs }) => {
  const [x, out] = [inputs[0]!, outputs[0]!];
  if (sizeOf(out.shape) === 0) return emptyPlan;
  const inner = out.shape.length - 1;
  const canGroup = (n: number): boolean =>
    inner >= 0 && [x.shape[inner]!, out.shape[inner]!, before[inner]!].every((size) => size % n === 0);
  const { bits, values } = unitFor(out.dtype, [16, 8, 4, 2].find(canGroup) ?? 1);
  const scale = (shape: Shape): number[] => shape.map((n, axis) => (axis === inner ? n / values : n));
  const [from, to, offset] = [scale(x.shape), scale(out.shape), scale(before)];
  const params: Record<string, Parameter> = { ...sizeParams('to', to), fill: storedWord(out.dtype, value) };
  from.forEach((n, axis) => {
    params[`from${axis}`] = u32(n);
    params[`before${axis}`] = u32(offset[axis]!);
  });
  const fill =
    bits === 128 ? 'vec4u(params.fill)' : bits === 32 ? 'params.fill' : `(params.fill & ${bits === 8 ? 255 : 65535}u)`;
  // Below `before` the difference wraps to a huge number, so one comparison checks both ends.
  const lines = to.map(
    (_, axis) =>
      `let from${axis} = at${axis} - params.before${axis}; if (from${axis} >= params.from${axis}) { return ${fill}; }`,
  );
  const index = to.reduce(
    (text, _, axis) => (axis === 0 ? 'from0' : `(${text}) * params.from${axis} + from${axis}`),
    '0u',
  );
  return planOf(
    movementStep({
      label: 'pad',
      bits,
      count: sizeOf(to),
      inputs: [{ name: 'x', buffer: input(0) }],
      output: output(),
      params,
      value: `${splitIndex('to', to.length)}\n${lines.join('\n')}\nreturn read_x(${index});`,
    }),
  );
};

/** One dispatch that joins a few buffers along an axis. */
function concatStep(
  parts: readonly { readonly rows: number; readonly buffer: BufferRef }[],
  spec: { readonly outer: number; readonly inner: number; readonly dtype: TensorSpec['dtype'] },
  to: BufferRef,
): Plan {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const { bits, values } = unitFor(spec.dtype, greatestRun(spec.inner, parts));
  // Runs of rows·inner values lie together in each part; in units they are this long.
  const runs = parts.map(({ rows }) => (rows * spec.inner) / values);
  const params: Record<string, Parameter> = { total: u32((total * spec.inner) / values) };
  let start = 0;
  runs.forEach((run, k) => {
    params[`run${k}`] = u32(run);
    params[`start${k}`] = u32(start);
    start += run;
  });
  const picks = unroll(
    parts.length,
    (k) =>
      `${k === parts.length - 1 ? '' : `if (along < params.start${k} + params.run${k}) `}{ return read_x${k}(outer * params.run${k} + along - params.start${k}); }`,
    '\nelse ',
  );
  return planOf(
    movementStep({
      label: 'concat',
      bits,
      count: (spec.outer * total * spec.inner) / values,
      inputs: parts.map(({ buffer }, k) => ({ name: `x${k}`, buffer })),
      output: to,
      params,
      value: `let outer = i / params.total; let along = i % params.total;\n${picks}`,
    }),
  );
}

/** The largest unit that divides every part's run. */
function greatestRun(inner: number, parts: readonly { readonly rows: number }[]): number {
  return [16, 8, 4, 2].find((n) => parts.every(({ rows }) => (rows * inner) % n === 0)) ?? 1;
}

/** x₁ … xₙ → joined along `axis`; more inputs than a shader binds are joined in rounds. */
export const concat: Kernel<RequiredKernels['concat']> = ({ inputs, attributes: { axis }, outputs }, { traits }) => {
  const { shape, dtype } = outputs[0]!;
  if (sizeOf(shape) === 0) return emptyPlan;
  const spec = { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)), dtype };
  let parts = inputs.map((x, i) => ({ rows: x.shape[axis]!, buffer: input(i) })).filter(({ rows }) => rows > 0);
  const atOnce = Math.min(traits.maxStorageBuffers - 1, 8);
  const plans: Plan[] = [];
  const temporaries: number[] = [];
  while (parts.length > atOnce) {
    const joined: typeof parts = [];
    for (let i = 0; i < parts.length; i += atOnce) {
      const group = parts.slice(i, i + atOnce);
      const rows = group.reduce((sum, part) => sum + part.rows, 0);
      const buffer = temporary(temporaries.length);
      temporaries.push(Math.ceil((spec.outer * rows * spec.inner * bitsOf(dtype)) / 32) * 4);
      plans.push(concatStep(group, spec, buffer));
      joined.push({ rows, buffer });
    }
    parts = joined;
  }
  plans.push(concatStep(parts, spec, output()));
  return { steps: plans.flatMap(({ steps }) => steps), temporaries };
};

/** x, indices `[n]` → x with `axis` replaced by the picked slices. */
export const gather: Kernel<RequiredKernels['gather']> = ({ inputs, attributes: { axis }, outputs }) => {
  const [x, indices] = inputs as [TensorSpec, TensorSpec];
  const { shape, dtype } = outputs[0]!;
  if (sizeOf(shape) === 0) return emptyPlan;
  const run = sizeOf(shape.slice(axis + 1));
  const { bits, values } = unitFor(dtype, [16, 8, 4, 2].find((n) => run % n === 0) ?? 1);
  return planOf(
    movementStep({
      label: 'gather',
      bits,
      count: sizeOf(shape) / values,
      inputs: [{ name: 'x', buffer: input(0) }],
      extraBindings: [reads('indices', input(1), 'u32')],
      output: output(),
      params: { run: u32(run / values), picks: u32(sizeOf(indices.shape)), rows: u32(x.shape[axis]!) },
      // Out-of-range indices are a caller's error, but must not read another tensor's memory: they are clamped.
      value: `let inner = i % params.run; let pick = (i / params.run) % params.picks; let outer = i / params.run / params.picks;
let row = min(indices[pick], params.rows - 1u);
return read_x((outer * params.rows + row) * params.run + inner);`,
    }),
  );
};
