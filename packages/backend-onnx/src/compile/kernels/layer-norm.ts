/**
 * Layer normalisation and its gradient, on onnxruntime's LayerNormalization, which gives the moments as well. With
 * x̂ = (x − mean)·inv over M values and d = dy·scale, the gradient is dx = inv·(d − Σd/M − x̂·Σ(d·x̂)/M).
 */
import type { CompositeKernels, GraphView } from '@vqkit/core';
import type { Lower, Lowering, Triple } from '../lowering.ts';

/** Rows normalised on their own: x̂ and inv, as `[rows, M]` and `[rows, 1]`. */
interface Standardized {
  readonly normalized: string;
  readonly inverse: string;
}

// LayerNormalization wants a scale for every value of a row; longer rows of ones would cost more than they save.
const longestRow = 2 ** 18;

/** Normalises rows by name, `[rows, length]`. */
export function standardize({ g }: Lowering, rows: string, length: number, epsilon: number): Standardized {
  if (length <= longestRow) {
    const ones = g.filled(1, length);
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    const [normalized, , inverse] = g.opMany('LayerNormalization', [rows, ones], 3, attributes);
    return { normalized: normalized!, inverse: inverse! };
  }
  const mean = (x: string): string => g.op('ReduceMean', [x, g.ints([1])]);
  const centered = g.op('Sub', [rows, mean(rows)]);
  const variance = mean(g.op('Mul', [centered, centered]));
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon, 'float')])])]);
  return { normalized: g.op('Mul', [centered, inverse]), inverse };
}

/** Lowers `layerNorm`. */
export const lowerLayerNorm: Lower<CompositeKernels['layerNorm'], Triple> = (l, inputs, { epsilon }, [view]) => {
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const names = inputs.map((x) => x.name());
  return l.result(view, l.g.op('LayerNormalization', names, attributes));
};

/** Lowers `layerNormGrad`. */
export const lowerLayerNormGrad: Lower<CompositeKernels['layerNormGrad'], Triple, Triple<GraphView>> = (
  l,
  [dy, x, scale],
  { epsilon },
  [dxView, dScaleView, dShiftView],
) => {
  const { g } = l;
  const channels = scale.size;
  const rows = [x.size / channels, channels];
  const { normalized, inverse } = standardize(l, x.view(rows).name(), channels, epsilon);
  const gradient = dy.view(rows).name();
  const product = g.op('Mul', [gradient, normalized]);
  const d = g.op('Mul', [gradient, scale.name()]);
  const mean = (name: string): string => g.op('ReduceMean', [name, g.ints([1])]);
  const along = g.op('Mul', [normalized, mean(g.op('Mul', [product, scale.name()]))]);
  const dx = g.op('Mul', [g.op('Sub', [g.op('Sub', [d, mean(d)]), along]), inverse]);
  const overRows = (name: string): string => g.op('ReduceSum', [name, g.ints([0])], { keepdims: { int: 0 } });
  return [
    l.result(dxView, dx, { shape: rows }),
    l.result(dScaleView, overRows(product)),
    l.result(dShiftView, overRows(gradient)),
  ];
};
