/**
 * Functions that WGSL lacks or leaves loose, in the text of a shader: NaN-proof maxima, erf, exact f16 conversion,
 * casts that saturate. Written for scalars and vectors alike: F, I, U and B stand for the types of the width in use.
 */
import type { Width } from './elements.ts';

const texts = {
  // Bits, not x != x: shader compilers may assume that there are no NaNs.
  isNan: `fn isNan(x: F) -> B { return (bitcast<U>(x) & U(0x7fffffffu)) > U(0x7f800000u); }`,
  maxNan: `fn maxNan(a: F, b: F) -> F { return select(b, a, (a > b) | isNan(a)); }`,
  minNan: `fn minNan(a: F, b: F) -> F { return select(b, a, (a < b) | isNan(a)); }`,
  signNan: `fn signNan(x: F) -> F { return select(sign(x), x, isNan(x)); }`,
  // Beyond ±9.1 tanh is ±1 in float32, and some drivers compute exp(2x) / exp(2x) there.
  tanhSafe: `fn tanhSafe(x: F) -> F { return select(tanh(clamp(x, F(-9.1), F(9.1))), x, isNan(x)); }`,
  sigmoid: `fn sigmoid(x: F) -> F { return F(1.0) / (F(1.0) + exp(-x)); }`,
  // Up to 1 an odd polynomial, beyond it 1 − exp(−x²)·t·P(t) with t = 1/(1 + x/2); both fitted by us (minimax), with an
  // error of 1.5e-7 in float32 arithmetic. Form of the second: Abramowitz and Stegun 7.1.26.
  erf: `fn erf(x: F) -> F {
  let z = min(x * x, F(1.0));
  let inner = x * ((((((F(7.569275476271287e-05) * z + F(-0.0007928761770017445)) * z + F(0.005179674364626408)) * z + F(-0.026849625632166862)) * z + F(0.11283495277166367)) * z + F(-0.3761261999607086)) * z + F(1.1283791065216064));
  let size = min(abs(x), F(4.0));
  let t = F(1.0) / (F(1.0) + F(0.5) * size);
  let outer = sign(x) * (F(1.0) - exp(-size * size) * t * ((((((F(0.11160363256931305) * t + F(-0.4397205412387848)) * t + F(0.5087151527404785)) * t + F(-0.051363103091716766)) * t + F(0.3179381191730499)) * t + F(0.26987433433532715)) * t + F(0.28299281001091003)));
  return select(select(outer, inner, abs(x) <= F(1.0)), x, isNan(x));
}`,
  silu: `fn silu(x: F) -> F { return x * sigmoid(x); }`,
  geluExact: `fn geluExact(x: F) -> F { return F(0.5) * x * (F(1.0) + erf(x * F(0.7071067811865476))); }`,
  geluTanh: `fn geluTanh(x: F) -> F { return F(0.5) * x * (F(1.0) + tanhSafe(F(0.7978845608028654) * (x + F(0.044715) * x * x * x))); }`,
  powSigned: `fn powSigned(x: F, y: F) -> F {
  let size = pow(abs(x), y);
  let isWhole = floor(y) == y;
  let isOdd = isWhole & (fract(y * F(0.5)) != F(0.0));
  let signed = select(size, -size, (x < F(0.0)) & isOdd);
  let nan = bitcast<F>(bitcast<U>(x) | U(0x7fc00000u));
  let real = select(signed, nan, (x < F(0.0)) & !isWhole);
  return select(select(real, F(0.0), (x == F(0.0)) & (y > F(0.0))), F(1.0), y == F(0.0));
}`,
  modFloored: `fn modFloored(a: F, b: F) -> F {
  let rest = fma(-trunc(a / b), b, a);
  return select(rest, rest + b, (rest != F(0.0)) & ((rest < F(0.0)) != (b < F(0.0))));
}`,
  modSigned: `fn modSigned(a: I, b: I) -> I {
  let rest = a % b;
  return select(rest, rest + b, (rest != I(0)) & ((rest < I(0)) != (b < I(0))));
}`,
  toI32: `fn toI32(x: F) -> I {
  let inside = I(clamp(x, F(-2147483648.0), F(2147483520.0)));
  return select(select(inside, I(2147483647), x >= F(2147483648.0)), I(0), isNan(x));
}`,
  toU32: `fn toU32(x: F) -> U {
  let inside = U(clamp(x, F(0.0), F(4294967040.0)));
  return select(select(inside, U(4294967295u), x >= F(4294967296.0)), U(0u), isNan(x));
}`,
  toU8: `fn toU8(x: F) -> U { return select(U(clamp(x, F(0.0), F(255.0))), U(0u), isNan(x)); }`,
  fromHalf: `fn fromHalf(half: U) -> F {
  let size = half & U(0x7fffu);
  let normal = (size << U(13u)) + U(0x38000000u);
  let special = (size << U(13u)) + U(0x70000000u);
  let subnormal = bitcast<U>(F(size) * F(5.9604644775390625e-8));
  let bits = select(select(normal, special, size >= U(0x7c00u)), subnormal, size < U(0x400u));
  return bitcast<F>(bits | ((half & U(0x8000u)) << U(16u)));
}`,
  // Round to nearest, ties to even: adding just under half a step, and the last kept bit, carries when it should.
  toHalf: `fn toHalf(x: F) -> U {
  let bits = bitcast<U>(x);
  let size = bits & U(0x7fffffffu);
  let normal = (size + U(0xfffu) + ((size >> U(13u)) & U(1u)) - U(0x38000000u)) >> U(13u);
  let subnormal = U(round(abs(select(x, F(0.0), size >= U(0x38800000u))) * F(16777216.0)));
  let finite = select(normal, subnormal, size < U(0x38800000u));
  let bounded = select(finite, U(0x7c00u), size >= U(0x477ff000u));
  return select(bounded, U(0x7e00u), size > U(0x7f800000u)) | ((bits >> U(16u)) & U(0x8000u));
}`,
} as const;

/** Name of a function that shaders can ask for. */
export type FunctionName = keyof typeof texts;

const needs: Partial<Record<FunctionName, readonly FunctionName[]>> = {
  maxNan: ['isNan'],
  minNan: ['isNan'],
  signNan: ['isNan'],
  tanhSafe: ['isNan'],
  erf: ['isNan'],
  silu: ['sigmoid'],
  geluExact: ['erf'],
  geluTanh: ['tanhSafe'],
  toI32: ['isNan'],
  toU32: ['isNan'],
  toU8: ['isNan'],
};

/** The text of the functions named and of those that they call, for scalars (1) or vectors of four. */
export function functionTexts(names: Iterable<FunctionName>, width: Width): string {
  const wanted = new Set<FunctionName>();
  const visit = (name: FunctionName): void => {
    for (const needed of needs[name] ?? []) visit(needed);
    wanted.add(name);
  };
  for (const name of names) visit(name);
  const types: Record<string, string> =
    width === 1 ? { F: 'f32', I: 'i32', U: 'u32', B: 'bool' } : { F: 'vec4f', I: 'vec4i', U: 'vec4u', B: 'vec4<bool>' };
  return [...wanted].map((name) => texts[name].replace(/\b[FIUB]\b/g, (type) => types[type]!)).join('\n');
}
