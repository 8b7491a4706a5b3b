/** Broadcasting under TensorFlow's limit of five runs of axes, on a runtime that would not need it. */
import { describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs } from '../../conformance/lib/with-tfjs.ts';
import { Frame } from '../runtime/frame.ts';
import { Runtime } from '../runtime/runtime.ts';
import type { TfKernelBackend } from '../runtime/tf-types.ts';
import { traitsOf } from '../runtime/traits.ts';
import { tfjs } from '../tfjs.ts';
import { broadcastRuns } from './broadcast-runs.ts';
import { call2 } from './integers.ts';

describe('broadcastRuns', () => {
  it('joins neighbouring axes that broadcast alike, and leaves out axes of length 1', () => {
    expect(broadcastRuns([], [])).toBe(0);
    expect(broadcastRuns([2, 3, 5], [2, 3, 5])).toBe(1);
    expect(broadcastRuns([2, 4, 4, 8], [8])).toBe(2);
    expect(broadcastRuns([2, 1, 1, 8], [1, 1, 1, 8])).toBe(2);
    expect(broadcastRuns([2, 3, 1, 5], [3, 4, 1])).toBe(4);
    expect(broadcastRuns([1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1])).toBe(6);
  });
});

describe.skipIf(!hasTfjs)(`broadcastable ${needsTfjs}`, () => {
  it.each([
    [
      [1, 2, 1, 2, 1, 2],
      [2, 1, 2, 1, 2, 1],
    ],
    [
      [2, 1, 2, 1, 2],
      [3, 1, 2, 1, 2, 1],
    ],
  ])('adds %j and %j in steps of at most five runs, with the same sums', async (a, b) => {
    const tf = await importTfjs();
    (await tfjs(tf, { runtime: 'cpu' })).dispose(); // starts it
    const backend = tf.findBackend('cpu') as TfKernelBackend;
    const seen: number[] = [];
    const sumOn = (most: number): number[] => {
      const runtime = new Runtime(tf, 'cpu', backend, { ...traitsOf('cpu'), broadcastRuns: most });
      const frame = new Frame(runtime);
      const [x, y] = [a, b].map((shape, i) => {
        const size = shape.reduce((product, n) => product * n, 1);
        return frame.values(
          Float32Array.from({ length: size }, (_, k) => k + 100 * i),
          shape,
          'f32',
        );
      });
      const call = frame.call.bind(frame);
      frame.call = (kernel, inputs, attrs) => {
        const shapes = Object.values(inputs).map(({ shape }) => shape);
        if (shapes.length === 2) seen.push(broadcastRuns(shapes[0]!, shapes[1]!));
        return call(kernel, inputs, attrs);
      };
      const sum = Array.from(backend.readSync(call2(frame, 'Add', x!, y!).dataId));
      frame.end();
      return sum;
    };
    const expected = sumOn(Number.POSITIVE_INFINITY);
    expect(Math.max(...seen)).toBeGreaterThan(5);
    seen.length = 0;
    expect(sumOn(5)).toEqual(expected);
    expect(Math.max(...seen)).toBeLessThanOrEqual(5);
    expect(seen.length).toBeGreaterThan(2);
  });
});
