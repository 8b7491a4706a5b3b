/** `resize`, `pixelShuffle` and `pixelUnshuffle`. */
import { type CompositeKernels, type DType, sizeOf } from '@vqkit/core';
import { type BufferRef, emptyPlan, input, type Kernel, output, planOf, type Step, temporary } from '../plan.ts';
import { f32, reads, threadStep, u32, writes } from '../wgsl/shader.ts';
import { bitsOf, movementStep, unitFor } from './movement.ts';
import { transpose } from './strided.ts';

/** x `[N,H,W,C·r²]` → `[N,H·r,W·r,C]`, with PyTorch's channel order. */
export const pixelShuffle: Kernel<CompositeKernels['pixelShuffle']> = (call, context) => {
  const [n, h, w, c] = call.inputs[0]!.shape as [number, number, number, number];
  const { factor: r } = call.attributes;
  return permuted([n, h, w, c / (r * r), r, r], [0, 1, 4, 2, 5, 3], call.inputs[0]!.dtype, context);
};

/** The inverse of `pixelShuffle`. */
export const pixelUnshuffle: Kernel<CompositeKernels['pixelUnshuffle']> = (call, context) => {
  const [n, h, w, c] = call.inputs[0]!.shape as [number, number, number, number];
  const { factor: r } = call.attributes;
  return permuted([n, h / r, r, w / r, r, c], [0, 1, 3, 5, 2, 4], call.inputs[0]!.dtype, context);
};

function permuted(
  shape: readonly number[],
  perm: readonly number[],
  dtype: DType,
  context: Parameters<Kernel>[1],
): ReturnType<Kernel> {
  const to = perm.map((axis) => shape[axis]!);
  const specs = { inputs: [{ shape, dtype }], outputs: [{ shape: to, dtype }] };
  return transpose({ kernel: 'transpose', attributes: { perm }, ...specs }, context);
}

const weights = {
  // Triangle of half-width 1.
  bilinear: 'return max(1.0 - abs(t), 0.0);',
  // Keys' cubic with a = −0.5.
  bicubic: `let x = abs(t);
  let near = (1.5 * x - 2.5) * x * x + 1.0;
  let far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
  return select(select(0.0, far, x < 2.0), near, x < 1.0);`,
} as const;

/** Resamples one axis: `[outer, from, inner]` → `[outer, to, inner]`. */
function axisStep(
  method: 'bilinear' | 'bicubic',
  antialias: boolean,
  [outer, from, to, inner]: readonly [number, number, number, number],
  x: BufferRef,
  y: BufferRef,
): Step {
  const width = inner % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4f' : 'f32';
  const threads = (outer * to * inner) / width;
  const stretch = antialias ? Math.max(from / to, 1) : 1;
  const reach = Math.ceil((method === 'bilinear' ? 1 : 2) * stretch);
  return threadStep({
    label: `resize ${method}`,
    threads,
    bindings: [reads('x', x, element), writes('y', y, element)],
    params: {
      size: u32(from),
      to: u32(to),
      inner: u32(inner / width),
      reach: u32(reach),
      shrink: f32(1 / stretch),
    },
    declarations: `fn weight(t: f32) -> f32 {\n${weights[method]}\n}`,
    // The centre (i + ½)·from/to − ½ is kept as a whole number and a fraction, exact for images of any size.
    body: `let column = thread % params.inner;
  let i = thread / params.inner % params.to;
  let outer = thread / params.inner / params.to;
  let ahead = (2u * i + 1u) * params.size + params.to;
  let base = i32(ahead / (2u * params.to)) - 1;
  let fraction = f32(ahead % (2u * params.to)) / f32(2u * params.to);
  var total = ${element}(); var weights = 0.0;
  for (var k = 0u; k <= 2u * params.reach; k++) {
    let offset = i32(k) - i32(params.reach) + 1;
    let share = weight((f32(offset) - fraction) * params.shrink);
    let row = u32(clamp(base + offset, 0, i32(params.size) - 1));
    total += share * x[(outer * params.size + row) * params.inner + column];
    weights += share;
  }
  y[thread] = total / weights;`,
  });
}

/** x `[N,H,W,C]` → `[N,Ho,Wo,C]`: one axis after the other, the one that shrinks more first. */
export const resize: Kernel<CompositeKernels['resize']> = ({ inputs, attributes, outputs }) => {
  const [n, h, w, c] = inputs[0]!.shape as [number, number, number, number];
  const [, ho, wo] = outputs[0]!.shape as [number, number, number, number];
  const { method, antialias } = attributes;
  if (sizeOf(outputs[0]!.shape) === 0) return emptyPlan;
  if (method === 'nearest') return nearestPlan(outputs[0]!.shape, [h, w]);
  const vertical = (width: number, x: BufferRef, y: BufferRef): Step =>
    axisStep(method, antialias, [n, h, ho, width * c], x, y);
  const horizontal = (height: number, x: BufferRef, y: BufferRef): Step =>
    axisStep(method, antialias, [n * height, w, wo, c], x, y);
  if (h === ho) return planOf(horizontal(h, input(0), output()));
  if (w === wo) return planOf(vertical(w, input(0), output()));
  const isVerticalFirst = ho * w <= h * wo;
  const between = isVerticalFirst ? n * ho * w * c : n * h * wo * c;
  const steps = isVerticalFirst
    ? [vertical(w, input(0), temporary(0)), horizontal(ho, temporary(0), output())]
    : [horizontal(h, input(0), temporary(0)), vertical(wo, temporary(0), output())];
  return { steps, temporaries: [between * 4] };
};

function nearestPlan(shape: readonly number[], [h, w]: readonly [number, number]): ReturnType<Kernel> {
  const [n, ho, wo, c] = shape as [number, number, number, number];
  const { bits, values } = unitFor('f32', c);
  return planOf(
    movementStep({
      label: 'resize nearest',
      bits: values === 1 ? bitsOf('f32') : bits,
      count: (n * ho * wo * c) / values,
      inputs: [{ name: 'x', buffer: input(0) }],
      output: output(),
      params: { channels: u32(c / values), h: u32(h), w: u32(w), ho: u32(ho), wo: u32(wo) },
      value: `let channel = i % params.channels; let pixel = i / params.channels;
let column = pixel % params.wo; let row = pixel / params.wo % params.ho; let image = pixel / params.wo / params.ho;
let iy = min((2u * row + 1u) * params.h / (2u * params.ho), params.h - 1u);
let ix = min((2u * column + 1u) * params.w / (2u * params.wo), params.w - 1u);
return read_x(((image * params.h + iy) * params.w + ix) * params.channels + channel);`,
    }),
  );
}
