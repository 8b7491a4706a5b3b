/** `unary` and `cast`. */
import type { GraphView, RequiredKernels } from '@vqkit/core';
import type { ElementType } from '../../model/types.ts';
import { baseType, castTo, operatorOf } from '../element-types.ts';
import { type Lower, type Lowering, oneName } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { type ElementwiseTypes, elementwise } from './elementwise.ts';

/** Lowers `unary`. */
export const lowerUnary: Lower<UnaryAttributes> = (l, inputs, { op, isBarrier }, [view]) => {
  const { g, dialect } = l;
  const [{ value, dtype }] = inputs;
  const map = (build: (x: string) => string, types?: ElementwiseTypes): Value =>
    elementwise(l, inputs, view, ([x]) => build(x!), types);
  switch (op) {
    case 'identity':
      return dialect.contrib && isBarrier && dtype === 'f32' ? map((x) => g.op('Mul', [x, oneName])) : value;
    case 'not':
      return map((x) => g.op('Not', [x]), { inputs: ['bool'], output: 'bool' });
    case 'square':
      return map((x) => g.op('Mul', [x, x]));
    case 'rsqrt':
      return map((x) => g.op('Reciprocal', [g.op('Sqrt', [x])]));
    default:
      return map((x) => g.op(operatorOf(op), [x]));
  }
};

/** Barriers keep two equal computations apart, so that one can be done later again; see `checkpoint` in core. */
type UnaryAttributes = RequiredKernels['unary'] & { readonly isBarrier?: boolean };

const limits: Readonly<Partial<Record<ElementType | 'u32', readonly [number, number]>>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  uint8: [0, 255],
};

/** Lowers `cast`: from floats truncating and saturating, NaN to 0; between integers wrapping. */
export const lowerCast: Lower = (l, inputs, _, [view]) => {
  const { g } = l;
  const from = inputs[0].dtype;
  const to = view.dtype;
  if (from === to) return inputs[0].value;
  const isFloat = from === 'f32' || from === 'f16';
  if (isFloat && (to === 'f32' || to === 'f16'))
    return elementwise(l, inputs, view, ([x]) => castTo(g, x!, baseType[to]));
  if (isFloat) {
    const [low, high] = limits[to === 'u32' ? 'u32' : baseType[to]]!;
    return elementwise(l, inputs, view, ([x]) => castTo(g, saturated(l, x!, low, high), baseType[to]), {
      inputs: ['float'],
    });
  }
  if (to === 'f32' || to === 'f16') return lowerToFloat(l, inputs[0], view, baseType[to]);
  return elementwise(l, inputs, view, ([x]) =>
    baseType[from] === baseType[to] ? g.op('Identity', [x!]) : castTo(g, x!, baseType[to]),
  );
};

/** int64 values of floats, cut to a range. As floats the limits are powers of two, one more than the largest integers. */
function saturated(l: Lowering, x: string, low: number, high: number): string {
  const { g } = l;
  const known = g.op('Where', [g.op('IsNaN', [x]), g.scalar(0, 'float'), x]);
  const wide = castTo(g, g.op('Clip', [known, g.scalar(low, 'float'), g.scalar(high, 'float')]), 'int64');
  if (high <= 255) return wide;
  const isBeyond = g.op('GreaterOrEqual', [known, g.scalar(high + 1, 'float')]);
  return g.op('Where', [isBeyond, g.scalar(high, 'int64'), wide]);
}

function lowerToFloat(l: Lowering, x: Operand, view: GraphView, to: ElementType): Value {
  // Truth values are turned into numbers straight from bool.
  const isTruth =
    x.dtype === 'u8' &&
    x.value.forms.some((form) => form.type === 'bool') &&
    !x.value.forms.some((form) => form.type === 'uint8');
  const type = isTruth ? 'bool' : x.dtype === 'u32' ? 'int64' : undefined;
  return elementwise(l, [x], view, ([name]) => castTo(l.g, name!, to), { inputs: [type] });
}
