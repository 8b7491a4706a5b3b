import { describe, expect, expectTypeOf, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { add } from '../ops/binary.ts';
import { tensor } from '../ops/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { entriesOf, mapTree, tensorsOf, unflatten, zipTrees } from './tree.ts';

const backend = cpu();
const leaf = (...values: number[]) => tensor(backend, values);

describe('trees', () => {
  it('walk branches in sorted order, whatever order they were built in', () => {
    const a = { b: leaf(1), a: [leaf(2), { z: leaf(3), y: 4 }] };
    expect(entriesOf(a).map(([path]) => path)).toEqual(['a.0', 'a.1.y', 'a.1.z', 'b']);
    expect(tensorsOf(a).map((x) => x.dataSync()[0])).toEqual([2, 3, 1]);
  });

  it('call back with paths and keep other leaves', () => {
    const mapped = mapTree({ w: leaf(1), name: 'conv', none: undefined }, (_, path) => path);
    expect(mapped).toEqual({ w: 'w', name: 'conv', none: undefined });
  });

  it('keep their type, and its leaves get a new one where they become something else', () => {
    const tree: { readonly w: Tensor; readonly parts: readonly [Tensor, { name: string }]; maybe?: Tensor } = {
      w: leaf(1),
      parts: [leaf(2), { name: 'conv' }],
    };
    expectTypeOf(mapTree(tree, (x) => add(x, 1))).toEqualTypeOf(tree);
    expectTypeOf(zipTrees([tree, tree], (a, b) => add(a!, b!))).toEqualTypeOf(tree);
    const sizes = mapTree(tree, (x) => x.size);
    expectTypeOf(sizes.parts).toEqualTypeOf<readonly [number, { name: string }]>();
    expectTypeOf(sizes.w).toEqualTypeOf<number>();
    expect(sizes).toEqual({ w: 1, parts: [1, { name: 'conv' }] });
  });

  it('combine leaf by leaf', () => {
    const sum = zipTrees(
      [
        { x: leaf(1), y: [leaf(2)] },
        { y: [leaf(20)], x: leaf(10) },
      ],
      (a, b) => add(a!, b!),
    );
    expect([sum.x, ...sum.y].map((x) => x.dataSync()[0])).toEqual([11, 22]);
  });

  it('refuse to combine trees of different shapes', () => {
    expect(() => zipTrees([{ x: leaf(1) }, { x: leaf(1), y: leaf(2) }], (a) => a!)).toThrow(
      /trees of one shape, got 1, 2/,
    );
  });

  it('take new leaves in leaf order', () => {
    const rebuilt = unflatten({ b: leaf(0), a: leaf(0) }, [leaf(1), leaf(2)]);
    expect([rebuilt.a.dataSync()[0], rebuilt.b.dataSync()[0]]).toEqual([1, 2]);
  });
});
