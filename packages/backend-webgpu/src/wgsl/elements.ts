/**
 * How elements lie in storage buffers, and how shaders read and write them, one at a time or four at a time.
 * 32-bit types lie as they are; `u8` is packed four to a word and `f16` two to a word, so that tensors are as large
 * as their values. In registers `u8` is a u32 from 0 to 255, and `f16` its bits in a u32.
 */
import type { DType } from '@vqkit/core';

/** Elements that a shader handles together. */
export type Width = 1 | 4;

const scalarTypes = { f32: 'f32', i32: 'i32', u32: 'u32', u8: 'u32', f16: 'u32' } as const;

/** The type of one or four elements in registers. */
export function registerType(dtype: DType, width: Width): string {
  const scalar = scalarTypes[dtype];
  return width === 1 ? scalar : `vec4<${scalar}>`;
}

/** The element of the storage array that reads of this width need. */
export function storageType(dtype: DType, width: Width): string {
  if (width === 1) return scalarTypes[dtype];
  return { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u', u8: 'u32', f16: 'vec2u' }[dtype];
}

/** Elements in one 32-bit word. */
export function elementsPerWord(dtype: DType): 1 | 2 | 4 {
  return dtype === 'u8' ? 4 : dtype === 'f16' ? 2 : 1;
}

/** Reads element `index` of `name`, whose storage type is that of width 1. */
export function loadElement(name: string, dtype: DType, index: string): string {
  if (dtype === 'u8') return `extractBits(${name}[(${index}) >> 2u], ((${index}) & 3u) * 8u, 8u)`;
  if (dtype === 'f16') return `extractBits(${name}[(${index}) >> 1u], ((${index}) & 1u) * 16u, 16u)`;
  return `${name}[${index}]`;
}

/** Reads elements 4·index … 4·index + 3 of `name`, whose storage type is that of width 4. */
export function loadFour(name: string, dtype: DType, index: string): string {
  if (dtype === 'u8') return `((vec4u(${name}[${index}]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u))`;
  if (dtype === 'f16') return `((${name}[${index}].xxyy >> vec4u(0u, 16u, 0u, 16u)) & vec4u(65535u))`;
  return `${name}[${index}]`;
}

/** Packs four registers (a vec4) as they lie in storage of width 4. */
export function packFour(dtype: DType, value: string): string {
  if (dtype === 'u8') return `dot(${value} & vec4u(255u), vec4u(1u, 256u, 65536u, 16777216u))`;
  if (dtype === 'f16') return `(${value}.xz | (${value}.yw << vec2u(16u)))`;
  return value;
}

/** Packs the registers named in `values` into one word: four of `u8`, two of `f16`, one of anything else. */
export function packWord(dtype: DType, values: readonly string[]): string {
  if (dtype === 'u8') return values.map((value, i) => `((${value} & 255u) << ${8 * i}u)`).join(' | ');
  if (dtype === 'f16') return values.map((value, i) => `(${value} << ${16 * i}u)`).join(' | ');
  return values[0]!;
}
