/** `compile`: what a compiled function returns equals what the same function returns eagerly on the reference. */
import type { HostTensor } from '../../cpu/host-kernel.ts';
import {
  add,
  cast,
  compile,
  concat,
  conv2d,
  exp,
  fill,
  gather,
  groupNorm,
  maximum,
  mean,
  minimum,
  mul,
  nearestCode,
  pad,
  range,
  reshape,
  slice,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
} from '../../index.ts';
import { scaleTolerance, type Tolerance } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { evaluate, expectEvaluated } from '../op-case.ts';
import { indices, noise } from '../samples.ts';
import { chained } from '../tolerances.ts';

function compiledCase(
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
        // The second run uses what the first one built.
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

const image = () => noise([1, 4, 5, 4], 401);
const small = () => [noise([2, 3], 402), noise([3], 403)];

/** Signatures that a compiler may stumble over: outputs that are inputs, constants, repeated, or reshaped. */
const signatures: readonly ConformanceCase[] = [
  compiledCase('one op', (a, b) => add(a!, b!), small),
  compiledCase('an output that is an input', (a, b) => ({ same: a, sum: add(a!, b!) }), small),
  compiledCase('an output that is a reshaped input', (a) => reshape(a!, [6]), small),
  compiledCase('an output that is a constant', (a) => [tensor(a!.backend, [1, 2, 3]), fill(a!.backend, [2], 7)], small),
  compiledCase(
    'an output twice',
    (a, b) => {
      const y = mul(a!, b!);
      return [y, y, reshape(y, [3, 2])];
    },
    small,
  ),
  compiledCase('an output that is only a reshaped value', (a, b) => reshape(add(a!, b!), [3, 2]), small),
  compiledCase('an input that is not used', (a) => exp(a!), small),
  compiledCase('no input values at all', (a) => range(a!.backend, 5), small),
  compiledCase(
    'values used through several shapes',
    (a, b) => {
      const y = add(a!, b!);
      return add(sum(reshape(y, [3, 2]), { axes: 0 }), sum(reshape(y, [2, 3]), { axes: 0 }).shape.length);
    },
    small,
  ),
  compiledCase('nested results', (a, b) => ({ list: [square(a!), { deep: sub(a!, b!) }], count: 3 }), small),
  compiledCase(
    'infinite constants of both signs',
    (a) => [
      maximum(a!, fill(a!.backend, [], Number.NEGATIVE_INFINITY)),
      minimum(a!, fill(a!.backend, [], Number.POSITIVE_INFINITY)),
    ],
    small,
  ),
  compiledCase('equal calls', (a, b) => [add(exp(a!), exp(a!)), mul(exp(a!), b!)], small),
  compiledCase(
    'integers and truth values',
    (a, i) => [gather(a!, i!), cast(i!, 'f32'), cast(a!, 'u8')],
    () => [noise([5, 2], 404, 0, 3), indices([4], 5, 405)],
  ),
  compiledCase(
    'empty values',
    (a) => [concat([a!, slice(a!, [0, 0], { size: [0, 3] })]), sum(slice(a!, [0, 0], { size: [0, 3] }))],
    small,
  ),
];

const convolve = (x: Tensor, f: Tensor): Tensor => conv2d(x, f, { pads: 'same' });

/** Functions of several ops, and their gradients. */
const programs: readonly ConformanceCase[] = [
  compiledCase(
    'convolutions with norms between',
    (x, f, g, s, b) => convolve(groupNorm(convolve(x!, f!), s!, b!, { groups: 2, activation: 'silu' }), g!),
    () => [image(), noise([3, 3, 4, 8], 406), noise([3, 3, 8, 2], 407), noise([8], 408), noise([8], 409)],
  ),
  compiledCase(
    'strided convolutions of padded and transposed images',
    (x, f) => transpose(conv2d(pad(x!, [0, 1, 2, 0], [0, 0, 1, 0]), f!, { strides: 2 }), [0, 3, 1, 2]),
    () => [image(), noise([3, 2, 4, 3], 410)],
  ),
  compiledCase(
    'a codebook',
    (x, codes) => {
      const { indices: nearest, distances } = nearestCode(x!, codes!);
      return { nearest, loss: mean(distances), quantized: gather(codes!, nearest) };
    },
    () => [noise([2, 3, 2], 411), noise([5, 2], 412)],
  ),
  compiledCase(
    'gradients',
    (x, f) => {
      const loss = ([w]: Tensor[]): Tensor => mean(square(sub(softmax(convolve(x!, w!)), 0.3)));
      return valueAndGrad(loss)([f!]);
    },
    () => [image(), noise([3, 3, 4, 5], 413)],
  ),
];

/** Compiled functions. */
export const compileCases: readonly ConformanceCase[] = [
  ...signatures,
  ...programs,
  {
    name: 'compile: other shapes compile again',
    run: async ({ backend, reference }) => {
      const fn = (x: Tensor): Tensor => mul(exp(x), 2);
      const program = compile(fn);
      try {
        for (const shape of [[3], [2, 2], [3], [0], [1]]) {
          const inputs = [noise(shape, 414)];
          expectEvaluated(
            await evaluate(backend, program, inputs),
            await evaluate(reference, fn, inputs),
            chained,
            `[${shape}]`,
          );
        }
      } finally {
        program.dispose();
      }
    },
  },
  {
    name: 'compile: works after warmup, and again after dispose',
    run: async ({ backend, reference }) => {
      const fn = (x: Tensor): Tensor => sum(square(x));
      const program = compile(fn);
      const inputs = [noise([4, 3], 415)];
      const expected = await evaluate(reference, fn, inputs);
      try {
        const x = tensor(backend, inputs[0]!.data, [4, 3]);
        await program.warmup(x).finally(() => x.dispose());
        expectEvaluated(await evaluate(backend, program, inputs), expected, chained);
        program.dispose();
        program.dispose();
        expectEvaluated(await evaluate(backend, program, inputs), expected, chained, 'after dispose');
      } finally {
        program.dispose();
      }
    },
  },
];
