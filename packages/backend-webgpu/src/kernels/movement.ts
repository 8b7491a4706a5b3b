/**
 * One generator for kernels that move values without looking at them: transpose, slice, broadcast, pad, concat, gather.
 * Values are units of bits: a byte, a half word, a word, or four words where the innermost axis allows it.
 */
import type { DType } from '@vqkit/core';
import type { BufferRef, Step } from '../plan.ts';
import { loadElement, packWord } from '../wgsl/elements.ts';
import { type Binding, type Parameter, reads, shaderStep, u32, unroll, writes } from '../wgsl/shader.ts';

/** What is moved at once, in bits. */
export type UnitBits = 8 | 16 | 32 | 128;

/** Bits of one value of a dtype. */
export function bitsOf(dtype: DType): 8 | 16 | 32 {
  return dtype === 'u8' ? 8 : dtype === 'f16' ? 16 : 32;
}

/**
 * The largest unit that divides runs of `run` values, if every run begins at a multiple of its own length.
 *
 * @returns The unit and how many values it holds.
 */
export function unitFor(dtype: DType, run: number): { bits: UnitBits; values: number } {
  const bits = bitsOf(dtype);
  for (const wide of [128, 32] as const) {
    const values = wide / bits;
    if (values >= 1 && run % values === 0) return { bits: wide, values };
  }
  return { bits, values: 1 };
}

/** A kernel that computes each output unit from an index. */
export interface Movement {
  readonly label: string;
  readonly bits: UnitBits;
  /** Output units. */
  readonly count: number;
  readonly inputs: readonly { readonly name: string; readonly buffer: BufferRef }[];
  /** Inputs of other types, such as indices. */
  readonly extraBindings?: readonly Binding[];
  readonly output: BufferRef;
  readonly params?: Readonly<Record<string, Parameter>>;
  /** Statements that end in `return` of the unit at output index `i: u32`; inputs are read by `read_<name>(index)`. */
  readonly value: string;
}

const size = 64;

const dtypeOfBits = { 8: 'u8', 16: 'f16', 32: 'u32', 128: 'u32' } as const;

/** The dispatch of a movement with at least one output unit. */
export function movementStep(movement: Movement): Step {
  const { label, bits, count, inputs, extraBindings = [], output, params = {}, value } = movement;
  const element = bits === 128 ? 'vec4u' : 'u32';
  const dtype = dtypeOfBits[bits];
  const perWord = bits === 8 ? 4 : bits === 16 ? 2 : 1;
  const words = Math.ceil(count / perWord);
  const readers = inputs.map(
    ({ name }) => `fn read_${name}(i: u32) -> ${element} { return ${loadElement(name, dtype, 'i')}; }`,
  );
  const packed = (): string => {
    // Past the end the last unit is computed again; it goes nowhere that matters.
    const loads = unroll(perWord, (e) => `let v${e} = value(min(thread * ${perWord}u + ${e}u, params.count - 1u));`);
    const names = Array.from({ length: perWord }, (_, e) => `v${e}`);
    return `${loads}\ny[thread] = ${packWord(dtype, names)};`;
  };
  return shaderStep({
    label,
    bindings: [
      ...inputs.map(({ name, buffer }) => reads(name, buffer, element)),
      ...extraBindings,
      writes('y', output, element),
    ],
    params: { words: u32(words), count: u32(count), ...params },
    size,
    groups: Math.ceil(words / size),
    declarations: `${readers.join('\n')}\nfn value(i: u32) -> ${element} {\n${value}\n}`,
    body: `if (thread < params.words) {\n${perWord === 1 ? 'y[thread] = value(thread);' : packed()}\n}`,
  });
}

/** Parameters `<prefix>0…` for the sizes of axes; the outermost is not needed to split an index. */
export function sizeParams(prefix: string, sizes: readonly number[]): Record<string, Parameter> {
  return Object.fromEntries(sizes.slice(1).map((n, i) => [`${prefix}${i + 1}`, u32(n)]));
}

/** Statements that split index `i` into coordinates `at0…`, with sizes from `sizeParams`. */
export function splitIndex(prefix: string, rank: number): string {
  if (rank === 0) return '';
  const lines = ['var rest = i;'];
  for (let axis = rank - 1; axis > 0; axis--) {
    lines.push(`let at${axis} = rest % params.${prefix}${axis}; rest /= params.${prefix}${axis};`);
  }
  return [...lines, 'let at0 = rest;'].join('\n');
}
