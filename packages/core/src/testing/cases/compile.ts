/** `compile`: functions of several ops, their gradients, other shapes, warmup and dispose. */
import {
  add,
  compile,
  conv2d,
  conv2dFused,
  exp,
  gather,
  groupNorm,
  leakyRelu,
  matmul,
  mean,
  mul,
  nearestCode,
  pad,
  relu,
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
import { scaleTolerance } from '../assertions.ts';
import { compiledCase } from '../compiled-case.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { evaluate, expectEvaluated } from '../op-case.ts';
import { noise } from '../samples.ts';
import { chained } from '../tolerances.ts';

const image = () => noise([1, 4, 5, 4], 401);
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
    'convolutions and products with what follows them, seen with other shapes too',
    (x, f, b) => {
      const left = add(convolve(x!, f!), b!);
      const right = relu(add(conv2d(x!, f!, { dilations: 2, pads: 'same' }), reshape(b!, [1, 1, 1, 4])));
      const fused = conv2dFused(x!, f!, { bias: b!, pads: 'same' });
      const rows = leakyRelu(
        add(matmul(reshape(x!, [4, 5, 4]), slice(reshape(f!, [36, 4]), [0, 0], { size: [4, 4] })), b!),
      );
      return [add(left, right), relu(reshape(fused, [5, 4, 4])), add(left, reshape(fused, [1, 4, 5, 4])), rows];
    },
    () => [image(), noise([3, 3, 4, 4], 416), noise([4], 417)],
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
  ...programs,
  {
    name: 'compile: other shapes compile again',
    run: async ({ backend, reference, toleranceScale }) => {
      const tolerance = scaleTolerance(chained, toleranceScale);
      const fn = (x: Tensor): Tensor => mul(exp(x), 2);
      const program = compile(fn);
      try {
        for (const shape of [[3], [2, 2], [3], [0], [1]]) {
          const inputs = [noise(shape, 414)];
          expectEvaluated(
            await evaluate(backend, program, inputs),
            await evaluate(reference, fn, inputs),
            tolerance,
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
    run: async ({ backend, reference, toleranceScale }) => {
      const tolerance = scaleTolerance(chained, toleranceScale);
      const fn = (x: Tensor): Tensor => sum(square(x));
      const program = compile(fn);
      const inputs = [noise([4, 3], 415)];
      const expected = await evaluate(reference, fn, inputs);
      try {
        const x = tensor(backend, inputs[0]!.data, [4, 3]);
        await program.warmup(x).finally(() => x.dispose());
        expectEvaluated(await evaluate(backend, program, inputs), expected, tolerance);
        program.dispose();
        program.dispose();
        expectEvaluated(await evaluate(backend, program, inputs), expected, tolerance, 'after dispose');
      } finally {
        program.dispose();
      }
    },
  },
];
