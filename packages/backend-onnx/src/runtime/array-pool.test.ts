import { add, compile, disposeTree, random, type Tensor, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { onnx } from '../onnx.ts';
import { ArrayPool } from './array-pool.ts';

describe('ArrayPool', () => {
  it('hands out again what it gets back', () => {
    const pool = new ArrayPool(() => 0);
    const a = pool.take('f32', 10);
    pool.give('f32', a);
    expect(pool.take('f32', 10).buffer).toBe(a.buffer);
    expect(pool.take('f32', 10).buffer).not.toBe(a.buffer);
    expect(pool.take('u32', 10)).toBeInstanceOf(Uint32Array);
  });

  it('leaves arrays alone that others made', () => {
    const pool = new ArrayPool(() => 0);
    const foreign = new Float32Array(10);
    pool.give('f32', foreign);
    expect(pool.take('f32', 10).buffer).not.toBe(foreign.buffer);
  });

  it('keeps no more than what is in use, or 64 MB', () => {
    const pool = new ArrayPool(() => 0);
    const size = 2 ** 22; // 16 MB
    const arrays = Array.from({ length: 6 }, () => pool.take('f32', size));
    for (const array of arrays) pool.give('f32', array);
    const again = new Set(Array.from({ length: 6 }, () => pool.take('f32', size).buffer));
    expect(arrays.filter(({ buffer }) => again.has(buffer)).length).toBe(4);
  });
});

describe('values that are used again', () => {
  it('stay as they are for whoever reads them', async () => {
    const backend = await onnx({ threads: 1 });
    const step = compile((x: Tensor) => add(x, 1));
    let x = random(1).normal(backend, [1000]);
    const [first] = (await x.data()) as Float32Array;
    const reads: Promise<unknown>[] = [];
    for (let i = 1; i <= 20; i++) {
      const next = step(x);
      // Read and freed at once: the array must not change places before it has been copied.
      reads.push(next.data().then((data) => expect(data[0]).toBeCloseTo(first! + i, 4)));
      x.dispose();
      x = next;
    }
    await Promise.all(reads);
    x.dispose();
    backend.dispose();
  });

  it('never share memory with results that were computed on the host', async () => {
    const backend = await onnx({ threads: 1 });
    const x = tensor(backend, [1, 2, 3]);
    const y = add(x, 0);
    x.dispose();
    const z = tensor(backend, [7, 8, 9]);
    expect([...(await y.data())]).toEqual([1, 2, 3]);
    disposeTree([y, z]);
    backend.dispose();
  });
});
