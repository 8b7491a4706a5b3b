/**
 * Orders of axes. A value of a graph has a logical shape (NHWC), and may lie in memory with its axes in another order
 * (NCHW): `order[i]` is the logical axis at physical place i. Pure functions on shapes and orders.
 */
import type { Shape } from '@vqkit/core';

/** Logical axes in the sequence in which they lie in memory. */
export type AxisOrder = readonly number[];

/** Row-major: every axis in its logical place. */
export function identityOrder(rank: number): AxisOrder {
  return Array.from({ length: rank }, (_, i) => i);
}

/** NCHW for rank 4, `[N, C, T]` for rank 3: the last axis moved behind the first. */
export function channelsFirst(rank: number): AxisOrder {
  return [0, rank - 1, ...identityOrder(rank).slice(1, -1)];
}

/** The shape of the values as they lie in memory. */
export function physicalShape(shape: Shape, order: AxisOrder): number[] {
  return order.map((axis) => shape[axis]!);
}

/** The axes longer than one, in the sequence in which they lie in memory: all that decides where a value lies. */
function significantOrder(shape: Shape, order: AxisOrder): number[] {
  return order.filter((axis) => shape[axis] !== 1);
}

/** Whether values in these two orders lie in memory alike. */
export function sameLayout(shape: Shape, a: AxisOrder, b: AxisOrder): boolean {
  const [x, y] = [significantOrder(shape, a), significantOrder(shape, b)];
  return x.every((axis, i) => axis === y[i]);
}

/** The `perm` of a Transpose that brings values from one order to another. */
export function permutationBetween(from: AxisOrder, to: AxisOrder): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** The order of a transposed view: logical axis i of the view is logical axis `perm[i]` of the value; memory stays as it is. */
export function transposeOrder(order: AxisOrder, perm: readonly number[]): AxisOrder {
  return order.map((axis) => perm.indexOf(axis));
}

/** The order after removing logical axes. */
export function dropAxes(order: AxisOrder, dropped: readonly number[]): AxisOrder {
  const kept = [...order].sort((a, b) => a - b).filter((axis) => !dropped.includes(axis));
  return order.filter((axis) => !dropped.includes(axis)).map((axis) => kept.indexOf(axis));
}

/**
 * The order in which values of one shape lie when they are seen with another shape, if no value has to move.
 *
 * Axes are matched in blocks of equal size: a block of one axis may be split anywhere, a block of several must lie
 * together and in sequence.
 *
 * @returns undefined when values would have to move.
 */
export function reshapeOrder(from: Shape, order: AxisOrder, to: Shape): AxisOrder | undefined {
  const blocks = matchBlocks(from, to);
  if (blocks === undefined) return undefined;
  const places = significantOrder(from, order);
  const significant: number[] = [];
  let place = 0;
  while (place < places.length) {
    const block = blocks.find(({ old }) => old[0] === places[place]);
    if (block === undefined || !block.old.every((axis, i) => places[place + i] === axis)) return undefined;
    significant.push(...block.fresh);
    place += block.old.length;
  }
  return withUnitAxes(significant, to);
}

interface Block {
  readonly old: number[];
  readonly fresh: number[];
}

function matchBlocks(from: Shape, to: Shape): Block[] | undefined {
  const olds = identityOrder(from.length).filter((axis) => from[axis] !== 1);
  const news = identityOrder(to.length).filter((axis) => to[axis] !== 1);
  const blocks: Block[] = [];
  while (olds.length > 0 && news.length > 0) {
    const block: Block = { old: [olds.shift()!], fresh: [news.shift()!] };
    let [a, b] = [from[block.old[0]!]!, to[block.fresh[0]!]!];
    while (a !== b) {
      const side = a < b ? olds : news;
      if (side.length === 0) return undefined;
      const axis = side.shift()!;
      if (a < b) {
        block.old.push(axis);
        a *= from[axis]!;
      } else {
        block.fresh.push(axis);
        b *= to[axis]!;
      }
    }
    blocks.push(block);
  }
  return olds.length + news.length === 0 ? blocks : undefined;
}

/** Puts each axis of size one right behind its logical predecessor. */
function withUnitAxes(significant: readonly number[], shape: Shape): AxisOrder {
  const order = [...significant];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] !== 1) continue;
    order.splice(axis === 0 ? 0 : order.indexOf(axis - 1) + 1, 0, axis);
  }
  return order;
}
