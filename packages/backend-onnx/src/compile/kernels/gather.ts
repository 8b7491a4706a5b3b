/** `gather` and `scatterAdd`. */
import type { RequiredKernels } from '@vqkit/core';
import { identityOrder } from '../axes.ts';
import { baseType } from '../element-types.ts';
import { cheapestOrder, type Lower, type Pair } from '../lowering.ts';

/** Lowers `gather`. Indices are below 2³¹, so unsigned ones can stay int32. */
export const lowerGather: Lower<RequiredKernels['gather'], Pair> = (l, [x, indices], { axis }, [view]) => {
  const order = cheapestOrder(x);
  const attributes = { axis: { int: order.indexOf(axis) } };
  return l.result(view, l.g.op('Gather', [x.name(order), indices.name()], attributes), { order });
};

/** Lowers `scatterAdd`: rows of updates are added to rows of zeros, with the axis in front. */
export const lowerScatterAdd: Lower<RequiredKernels['scatterAdd'], Pair> = (
  l,
  [indices, updates],
  { axis },
  [view],
) => {
  if (updates.size === 0) return l.splat(view, 0);
  const order = [axis, ...identityOrder(view.shape.length).filter((other) => other !== axis)];
  const dims = order.map((i) => view.shape[i]!);
  const { g } = l;
  const zeros = g.op('Expand', [g.scalar(0, baseType[view.dtype]), g.ints(dims)]);
  const places = indices.view([indices.size, 1]).name(undefined, 'int64');
  const name = g.op('ScatterND', [zeros, places, updates.name(order)], { reduction: { string: 'add' } });
  return l.result(view, name, { order });
};
