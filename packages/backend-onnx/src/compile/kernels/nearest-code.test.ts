import { cpu, nearestCode, random, tensor } from '@vqkit/core';
import { expect, it } from 'vitest';
import { onnx } from '../../onnx.ts';

it.each([67, 96, 256, 1024])('finds the first of the nearest among %i codes', async (k) => {
  const backend = await onnx({ threads: 1, hostWork: 0 });
  const stream = random(5);
  // Small whole numbers: distances are exact in float32, and many codes are equally near.
  const whole = (size: number): Float32Array => stream.normalArray(size, 0, 1.5).map(Math.round);
  const [x, codes] = [whole(300 * 3), whole(k * 3)];
  const [actual, expected] = await Promise.all(
    [backend, cpu()].map(
      async (b) => await nearestCode(tensor(b, x, [300, 3]), tensor(b, codes, [k, 3])).indices.data(),
    ),
  );
  expect([...actual!]).toEqual([...expected!]);
  backend.dispose();
});
