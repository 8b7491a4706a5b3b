import { describe, expect, it } from 'vitest';
import { broadcastStrides, mergeAxes, planWalk, walkRuns } from './walk.ts';

function visited(shape: number[], strides: number[], start = 0): number[] {
  const plan = planWalk(shape, [strides]);
  const seen: number[] = [];
  walkRuns(plan, [start], ([offset], position) => {
    expect(position).toBe(seen.length);
    for (let i = 0; i < plan.inner; i++) seen.push(offset! + i * plan.innerStrides[0]!);
  });
  return seen;
}

describe('walk', () => {
  it('merges contiguous axes into one run', () => {
    expect(planWalk([2, 3, 4], [[12, 4, 1]])).toMatchObject({ sizes: [24], inner: 24, innerStrides: [1] });
  });

  it('merges only where every operand allows it', () => {
    const plan = planWalk(
      [2, 3, 4],
      [
        [12, 4, 1],
        [0, 4, 1],
      ],
    );
    expect(plan.sizes).toEqual([2, 12]);
  });

  it('visits a transposed matrix column by column', () => {
    expect(visited([3, 2], [1, 3])).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('repeats broadcast axes and skips axes of size 1', () => {
    expect(visited([2, 1, 3], broadcastStrides([3], [2, 1, 3]))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(visited([2, 3], broadcastStrides([2, 1], [2, 3]))).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('visits a scalar once and an empty shape never', () => {
    expect(visited([], [], 7)).toEqual([7]);
    expect(visited([3, 0, 2], [0, 2, 1])).toEqual([]);
  });
});

describe('mergeAxes', () => {
  const merged = (shape: readonly number[], inputs: readonly (readonly number[])[]) =>
    mergeAxes(
      shape,
      inputs.map((input) => broadcastStrides(input, shape)),
    );

  it('merges everything when nothing repeats', () => {
    expect(merged([2, 3, 4], [[2, 3, 4]])).toEqual({ sizes: [24], strides: [[1]] });
  });

  it('keeps a bias of channels apart from the pixels', () => {
    expect(merged([2, 5, 7, 8], [[2, 5, 7, 8], [8]])).toEqual({
      sizes: [70, 8],
      strides: [
        [8, 1],
        [0, 1],
      ],
    });
  });

  it('drops axes of size 1 and treats a scalar as repeating everywhere', () => {
    expect(merged([1, 6, 1], [[]])).toEqual({ sizes: [6], strides: [[0]] });
    expect(merged([], [[]])).toEqual({ sizes: [], strides: [[]] });
  });
});
