/**
 * Elementwise operations as WGSL expressions. Every elementwise kernel, eager or fused, is made of these: what one op
 * means is written here once.
 */
import type { Activation, BinaryOp, CompareOp, DType, UnaryOp } from '@vqkit/core';
import { registerType, type Width } from './elements.ts';
import type { FunctionName } from './functions.ts';

/** One elementwise operation. */
export type ElementOp =
  | { readonly kind: 'unary'; readonly op: Exclude<UnaryOp, 'identity'> }
  | { readonly kind: 'binary'; readonly op: BinaryOp }
  | { readonly kind: 'compare'; readonly op: CompareOp }
  | { readonly kind: 'where' }
  | { readonly kind: 'cast' }
  | { readonly kind: 'activation'; readonly op: Activation | 'geluTanh'; readonly slope?: number }
  | { readonly kind: 'siluGrad' };

/** An operand: its name in the shader and its dtype. */
export interface Operand {
  readonly name: string;
  readonly dtype: DType;
}

/** An expression and the functions that it calls. */
export interface Expression {
  readonly text: string;
  readonly functions: readonly FunctionName[];
}

const plain = (text: string): Expression => ({ text, functions: [] });
const call = (name: FunctionName, ...names: readonly string[]): Expression => ({
  text: `${name}(${names.join(', ')})`,
  functions: [name],
});

/** Functions of one operand `x`, of a register type, that WGSL does not have by our name or does not define as we do. */
const unaries: Readonly<Partial<Record<UnaryOp, (x: string, type: string, isFloat: boolean) => Expression>>> = {
  neg: (x) => plain(`-${x}`),
  sign: (x, _, isFloat) => (isFloat ? call('signNan', x) : plain(`sign(${x})`)),
  square: (x) => plain(`${x} * ${x}`),
  rsqrt: (x) => plain(`inverseSqrt(${x})`),
  reciprocal: (x, type) => plain(`${type}(1.0) / ${x}`),
  tanh: (x) => call('tanhSafe', x),
  sigmoid: (x) => call('sigmoid', x),
  relu: (x, type) => call('maxNan', x, `${type}(0.0)`),
  erf: (x) => call('erf', x),
  not: (x, type) => plain(`select(${type}(0u), ${type}(1u), ${x} == ${type}(0u))`),
};

/** Functions of two operands that are written between them. */
const infix: Readonly<Partial<Record<BinaryOp, string>>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  mod: '%',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr: '>>',
};

function binary(op: BinaryOp, a: string, b: string, type: string, dtype: DType): Expression {
  if (op === 'max' || op === 'min') return dtype === 'f32' ? call(`${op}Nan`, a, b) : plain(`${op}(${a}, ${b})`);
  if (op === 'pow') return call('powSigned', a, b);
  if (op === 'mod' && dtype !== 'u32') return call(dtype === 'f32' ? 'modFloored' : 'modSigned', a, b);
  const unsigned = type.replace('i32', 'u32');
  const isShift = op === 'shl' || op === 'shr';
  return plain(`${a} ${infix[op]} ${isShift ? `(${unsigned}(${b}) & ${unsigned}(31u))` : b}`);
}

function compare(op: CompareOp, a: string, b: string, mask: string): Expression {
  const truth = (condition: string): Expression => plain(`select(${mask}(0u), ${mask}(1u), ${condition})`);
  // Written as a negation: some compilers emit an ordered `!=`, which is false for NaN.
  if (op === 'ne') return truth(`!(${a} == ${b})`);
  return truth(`${a} ${{ eq: '==', lt: '<', le: '<=', gt: '>', ge: '>=' }[op]} ${b}`);
}

function cast({ name, dtype: from }: Operand, to: DType, width: Width): Expression {
  const type = registerType(to, width);
  if (from === to) return plain(name);
  if (from === 'f16') {
    if (to === 'f32') return call('fromHalf', name);
    const inner = cast({ name: `fromHalf(${name})`, dtype: 'f32' }, to, width);
    return { text: inner.text, functions: ['fromHalf', ...inner.functions] };
  }
  if (to === 'f16') return call('toHalf', from === 'f32' ? name : `${registerType('f32', width)}(${name})`);
  if (to === 'f32') return plain(`${type}(${name})`);
  if (from === 'f32') return call(to === 'i32' ? 'toI32' : to === 'u32' ? 'toU32' : 'toU8', name);
  const bits = `bitcast<${type}>(${name})`;
  return plain(to === 'u8' ? `(${bits} & ${type}(255u))` : bits);
}

const activations = {
  silu: 'silu',
  gelu: 'geluExact',
  geluTanh: 'geluTanh',
  sigmoid: 'sigmoid',
  tanh: 'tanhSafe',
} as const;

/** An activation of a register of f32s. */
export function activation(op: Activation | 'geluTanh', x: string, width: Width, slope = 0.2): Expression {
  const type = registerType('f32', width);
  if (op === 'none') return plain(x);
  if (op === 'relu') return plain(`max(${x}, ${type}(0.0))`);
  if (op === 'leakyRelu') return plain(`select(${x} * ${type}(${slope}), ${x}, ${x} > ${type}(0.0))`);
  return call(activations[op], x);
}

/**
 * The expression of an operation.
 *
 * @param operands  Registers of the given width, of the dtypes that the op takes.
 * @param dtype  The dtype of the result.
 */
export function expressionOf(op: ElementOp, operands: readonly Operand[], dtype: DType, width: Width): Expression {
  const [a, b, c] = operands;
  const type = registerType(a!.dtype, width);
  switch (op.kind) {
    case 'unary':
      return unaries[op.op]?.(a!.name, type, a!.dtype === 'f32') ?? plain(`${op.op}(${a!.name})`);
    case 'binary':
      return binary(op.op, a!.name, b!.name, type, a!.dtype);
    case 'compare':
      return compare(op.op, a!.name, b!.name, registerType('u8', width));
    case 'where': {
      const mask = registerType('u8', width);
      return plain(`select(${c!.name}, ${b!.name}, ${a!.name} != ${mask}(0u))`);
    }
    case 'cast':
      return cast(a!, dtype, width);
    case 'activation':
      return activation(op.op, a!.name, width, op.slope);
    case 'siluGrad': {
      const s = `sigmoid(${b!.name})`;
      return {
        text: `${a!.name} * ${s} * (${type}(1.0) + ${b!.name} * (${type}(1.0) - ${s}))`,
        functions: ['sigmoid'],
      };
    }
  }
}
