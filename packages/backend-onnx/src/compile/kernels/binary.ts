/** `binary`, `compare` and `where`. */
import { type BinaryOp, type CompareOp, type DType, type RequiredKernels, sizeOf } from '@vqkit/core';
import { isBlocked } from '../blocked.ts';
import { castTo, flipTopBit, operatorOf } from '../element-types.ts';
import type { Lower, Lowering, Pair, Triple } from '../lowering.ts';
import { blockedSum } from './blocked-images.ts';
import { elementwise } from './elementwise.ts';

const bitwise: readonly BinaryOp[] = ['and', 'or', 'xor'];

/** Lowers `binary`. */
export const lowerBinary: Lower<RequiredKernels['binary'], Pair> = (l, inputs, { op }, [view]) => {
  const { dtype } = inputs[0];
  const wide = { inputs: ['int64', 'int64'] } as const;
  if (op === 'shl' || op === 'shr') return elementwise(l, inputs, view, ([a, b]) => shift(l, op, dtype, a!, b!));
  if (op === 'mod' && dtype === 'f32') return elementwise(l, inputs, view, ([a, b]) => flooredMod(l, a!, b!));
  if (op === 'mod' || (op === 'div' && dtype !== 'f32')) {
    return elementwise(l, inputs, view, ([a, b]) => castTo(l.g, integerDivision(l, op, a!, b!), 'int32'), wide);
  }
  if ((op === 'max' || op === 'min') && dtype === 'u32') {
    return elementwise(l, inputs, view, (names) => {
      const flipped = names.map((name) => flipTopBit(l.g, name));
      return flipTopBit(l.g, l.g.op(operatorOf(op), flipped));
    });
  }
  const name = bitwise.includes(op) ? `Bitwise${operatorOf(op)}` : operatorOf(op);
  const arePair = inputs.every((x) => x.compact().size === sizeOf(view.shape));
  return elementwise(l, inputs, view, ([a, b], { shape, order }) => {
    const isSum = (op === 'add' || op === 'sub') && arePair && isBlocked(shape, order, l.dialect.blockSize);
    return isSum ? blockedSum(l, a!, b!, shape, op === 'add' ? 1 : -1) : l.g.op(name, [a!, b!]);
  });
};

/** In int64, where the smallest int32 can be divided by −1; division by zero gives 0, as integer arrays do in JavaScript. */
function integerDivision({ g }: Lowering, op: 'div' | 'mod', a: string, b: string): string {
  const zero = g.scalar(0, 'int64');
  const isZero = g.op('Equal', [b, zero]);
  const safe = g.op('Where', [isZero, g.scalar(1, 'int64'), b]);
  return g.op('Where', [isZero, zero, g.op(op === 'div' ? 'Div' : 'Mod', [a, safe])]);
}

function flooredMod({ g }: Lowering, a: string, b: string): string {
  const rest = g.op('Mod', [a, b], { fmod: { int: 1 } });
  const zero = g.scalar(0, 'float');
  const differs = g.op('Xor', [g.op('Less', [rest, zero]), g.op('Less', [b, zero])]);
  const isOff = g.op('And', [differs, g.op('Not', [g.op('Equal', [rest, zero])])]);
  return g.op('Where', [isOff, g.op('Add', [rest, b]), rest]);
}

/** ONNX shifts unsigned integers only: an arithmetic shift of a negative number is that of its complement, complemented. */
function shift({ g }: Lowering, op: 'shl' | 'shr', dtype: DType, a: string, b: string): string {
  const places = castTo(g, g.op('BitwiseAnd', [b, g.scalar(31, 'int32')]), 'uint32');
  const direction = { direction: { string: op === 'shl' ? 'LEFT' : 'RIGHT' } };
  const move = (x: string): string => castTo(g, g.op('BitShift', [castTo(g, x, 'uint32'), places], direction), 'int32');
  if (op === 'shl' || dtype === 'u32') return move(a);
  const isNegative = g.op('Less', [a, g.scalar(0, 'int32')]);
  const folded = g.op('Where', [isNegative, g.op('BitwiseNot', [a]), a]);
  const moved = move(folded);
  return g.op('Where', [isNegative, g.op('BitwiseNot', [moved]), moved]);
}

const comparisons: Readonly<Record<Exclude<CompareOp, 'ne'>, string>> = {
  eq: 'Equal',
  lt: 'Less',
  le: 'LessOrEqual',
  gt: 'Greater',
  ge: 'GreaterOrEqual',
};

/** Lowers `compare`. */
export const lowerCompare: Lower<RequiredKernels['compare'], Pair> = (l, inputs, { op }, [view]) => {
  const { dtype } = inputs[0];
  const type = dtype === 'u8' ? 'int32' : dtype === 'u32' && op !== 'eq' && op !== 'ne' ? 'int64' : undefined;
  const build = (names: string[]): string =>
    op === 'ne' ? l.g.op('Not', [l.g.op('Equal', names)]) : l.g.op(comparisons[op], names);
  return elementwise(l, inputs, view, build, { inputs: [type, type], output: 'bool' });
};

/** Lowers `where`. */
export const lowerWhere: Lower<object, Triple> = (l, inputs, _, [view]) => {
  // onnxruntime has no Where on float16: the bits are chosen through float32, which holds every half exactly.
  const isHalf = view.dtype === 'f16';
  const type = isHalf ? ('float' as const) : undefined;
  return elementwise(l, inputs, view, (names) => l.g.op('Where', names), {
    inputs: ['bool', type, type],
    ...(isHalf ? { output: 'float' } : {}),
  });
};
