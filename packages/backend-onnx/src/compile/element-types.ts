/**
 * How our dtypes look inside ONNX graphs. `u32` travels as int32 bits, since onnxruntime's CPU kernels know int32 far
 * better: sums, products and bitwise functions are the same bits; where the sign matters, int64 is used. Truth values
 * are bool between comparisons and `where`, and uint8 elsewhere.
 */
import type { DType } from '@vqkit/core';
import type { GraphBuilder } from '../model/builder.ts';
import { type ElementType, elementType } from '../model/types.ts';

/** The element type that values of a dtype normally have inside a graph. */
export const baseType = {
  f32: 'float',
  i32: 'int32',
  u32: 'int32',
  u8: 'uint8',
  f16: 'float16',
} as const satisfies Record<DType, ElementType>;

/** ONNX names elementwise functions and reductions as we do, with a capital letter: `neg` is `Neg`. */
export function operatorOf(op: string): string {
  return op.charAt(0).toUpperCase() + op.slice(1);
}

/** Adds a Cast. */
export function castTo(g: GraphBuilder, name: string, type: ElementType): string {
  return g.op('Cast', [name], { to: { int: elementType[type] } });
}

/** Converts values of a dtype between the element types that may carry them; the values stay the same. */
export function convert(g: GraphBuilder, name: string, dtype: DType, from: ElementType, to: ElementType): string {
  if (from === to) return name;
  const wide = castTo(g, name, to);
  const isUnsigned = dtype === 'u32' && from === 'int32' && to === 'int64';
  return isUnsigned ? g.op('BitwiseAnd', [wide, g.scalar(0xffffffff, 'int64')]) : wide;
}

/**
 * Flips the top bit of int32 values: then unsigned numbers are in the sequence that signed comparison expects. To be
 * preferred to int64, whose maximum and minimum onnxruntime 1.30 gets wrong beyond 32 bits.
 */
export function flipTopBit(g: GraphBuilder, name: string): string {
  return g.op('BitwiseXor', [name, g.scalar(-(2 ** 31), 'int32')]);
}
