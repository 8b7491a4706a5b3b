/**
 * What the conformance kit asks for and a tfjs runtime does not give: case → reason. This list, and nothing else, is
 * excused; it is printed with every run and summed up in the table of the README.
 */

const integers = 'tfjs computes with integers in float32 here: exact up to 2²⁴';

/** Cases with integers beyond 2²⁴, or that wrap at 2³². */
const largeIntegers = [
  'fill: u32 with 4294967295',
  'unary: neg i32',
  'unary: abs i32',
  'unary: square i32',
  'unary: identity i32',
  'binary: add i32 wraps',
  'binary: add u32 wraps',
  'binary: sub i32 wraps',
  'binary: sub u32 wraps',
  'binary: mul i32 wraps',
  'binary: mul u32 wraps',
  'binary: shl i32 by 0 to 31',
  'binary: shl u32 by 0 to 31',
  'binary: shr i32 by 0 to 31',
  'binary: shr u32 by 0 to 31',
  'binary: max u32 beyond 2³¹',
  'binary: div u32 beyond 2³¹',
  'binary: mod u32 beyond 2³¹',
  'compare: eq i32 beyond 2²⁴',
  'compare: ne i32 beyond 2²⁴',
  'compare: le i32 beyond 2²⁴',
  'compare: gt i32 beyond 2²⁴',
  'cast: f32 to i32 saturates',
  'cast: f32 to u32 saturates',
  'cast: u32 to i32 wraps',
  'cast: u32 to u8 wraps',
  'reduce: sum u32 [3] over [0], wraps',
  'reduce: sum u32 [3] over [0], axes kept, wraps',
  'reduce: sum i32 [500] over [0]',
  'reduce: sum i32 [500] over [0], axes kept',
  'scatterAdd: wraps integers',
  'composite: randomBits []',
  'composite: randomBits [1]',
  'composite: randomBits [7]',
  'composite: randomBits [2,64]',
  'composite: randomBits [70001]',
];

const gpu = Object.fromEntries(largeIntegers.map((name) => [name, integers]));

/** Excused cases by tfjs's name of the runtime. */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  webgl: {
    ...gpu,
    'large: unary neg to [17000000] f32': 'tfjs counts texels in float32: tensors of up to 2²⁴ elements',
  },
  webgpu: gpu,
};
