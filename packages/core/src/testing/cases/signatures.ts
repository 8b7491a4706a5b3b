/** Signatures that a compiler may stumble over: outputs that are inputs, constants, repeated, reshaped, nested, empty. */
import {
  add,
  cast,
  concat,
  conv2d,
  exp,
  fill,
  gather,
  maximum,
  minimum,
  mul,
  range,
  reshape,
  slice,
  square,
  sub,
  sum,
  tensor,
} from '../../index.ts';
import { compiledCase } from '../compiled-case.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { indices, integers, noise } from '../samples.ts';

const small = () => [noise([2, 3], 402), noise([3], 403)];

/** Compiled functions with awkward signatures. */
export const signatureCases: readonly ConformanceCase[] = [
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
      return [sum(reshape(y, [3, 2]), { axes: 0 }), sum(y, { axes: 0 }), exp(reshape(y, [6]))];
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
    'weights stored in half precision and images in bytes',
    (x, filter) => conv2d(mul(cast(x!, 'f32'), 1 / 255), cast(filter!, 'f32'), { pads: 'same' }),
    () => [integers('u8', [1, 5, 4, 3], 0, 256, 416), integers('f16', [3, 3, 3, 2], 0x3000, 0x3c00, 417)],
  ),
  compiledCase(
    'empty values',
    (a) => [concat([a!, slice(a!, [0, 0], { size: [0, 3] })]), sum(slice(a!, [0, 0], { size: [0, 3] }))],
    small,
  ),
];
