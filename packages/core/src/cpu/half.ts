/**
 * IEEE 754 half precision (f16) to and from numbers: round to nearest, ties to even, with subnormals, infinities and
 * NaN. f16 is a storage type here, so these two functions are all the arithmetic it has.
 */

const bits = new DataView(new ArrayBuffer(4));

/** The f16 bits nearest to `value`, which is first rounded to f32. Values from 65520 on become infinite. */
export function toHalfBits(value: number): number {
  bits.setFloat32(0, value);
  const single = bits.getUint32(0);
  const sign = (single >>> 16) & 0x8000;
  const exponent = (single >>> 23) & 0xff;
  const fraction = single & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  // Exponents of f32 are biased by 127, those of f16 by 15.
  const halfExponent = exponent - 112;
  if (halfExponent >= 31) return sign | 0x7c00;
  if (halfExponent > 0) return sign | roundShift((halfExponent << 23) | fraction, 13);
  // Subnormal: the leading 1 becomes explicit and moves right; below 2⁻²⁵ nothing is left of it.
  const shift = 14 - halfExponent;
  return shift > 24 ? sign : sign | roundShift(0x800000 | fraction, shift);
}

/** `value >> shift`, rounded to nearest, ties to even. A carry into the exponent is just what rounding up needs. */
function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number that f16 bits stand for. */
export function fromHalfBits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
