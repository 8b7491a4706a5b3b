import { expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';

it('makes equal nodes once', () => {
  const g = new GraphBuilder();
  expect(g.op('Add', ['x', g.scalar(1, 'float')])).toBe(g.op('Add', ['x', g.scalar(1, 'float')]));
  expect(g.nodes.length).toBe(1);
});

it('reshapes values that were reshaped before from what they were at first', () => {
  const g = new GraphBuilder();
  const a = g.op('Reshape', ['x', g.ints([6])]);
  g.op('Reshape', [g.op('Reshape', [a, g.ints([2, 3])]), g.ints([3, -1])]);
  expect(g.nodes.map(({ inputs }) => inputs[0])).toEqual(['x', 'x', 'x']);
});

it('keeps the reshaped value where a zero stands for one of its lengths', () => {
  const g = new GraphBuilder();
  const a = g.op('Reshape', ['x', g.ints([2, 6])]);
  g.op('Reshape', [a, g.ints([0, 2, 3])]);
  expect(g.nodes[1]!.inputs[0]).toBe(a);
});
