/** Two engines in one process do not meet, and tfjs's own state stays the caller's. */
import { add, tensor } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs, storedValues } from '../conformance/lib/with-tfjs.ts';
import type { TfNamespace } from './runtime/tf-types.ts';
import { tfjs } from './tfjs.ts';

interface TfCaller extends TfNamespace {
  tensor1d(values: number[]): { data(): Promise<Float32Array>; dispose(): void };
}

describe.skipIf(!hasTfjs)(`isolation ${needsTfjs}`, () => {
  it('runs two runtimes side by side without moving values between them', async () => {
    const tf = await importTfjs();
    const [a, b] = [await tfjs(tf, { runtime: 'cpu' }), await tfjs(tf, { runtime: 'wasm' })];
    const before = { cpu: storedValues(tf, 'cpu'), wasm: storedValues(tf, 'wasm') };
    const [x, y] = [tensor(a, [1, 2]), tensor(b, [3, 4])];
    const sums = [add(x, x), add(y, y)];
    expect(storedValues(tf, 'cpu')).toBe(before.cpu + 2);
    expect(storedValues(tf, 'wasm')).toBe(before.wasm + 2);
    expect(await sums[0]!.data()).toEqual(Float32Array.of(2, 4));
    expect(await sums[1]!.data()).toEqual(Float32Array.of(6, 8));
    expect(() => add(x, y)).toThrow(expect.objectContaining({ code: 'BACKEND_MISMATCH' }));
    a.dispose();
    b.dispose();
  });

  it('keeps the accounts of two backends on one runtime apart', async () => {
    const tf = await importTfjs();
    const [a, b] = [await tfjs(tf, { runtime: 'wasm' }), await tfjs(tf, { runtime: 'wasm' })];
    const x = tensor(a, [1, 2]);
    expect(b.memory().tensors).toBe(0);
    expect(() =>
      b.run({ kernel: 'unary', inputs: [x.view], attributes: { op: 'neg' }, outputs: [{ shape: [2], dtype: 'f32' }] }),
    ).toThrow(expect.objectContaining({ code: 'HANDLE_UNKNOWN' }));
    b.dispose();
    expect(await add(x, x).data()).toEqual(Float32Array.of(2, 4));
    a.dispose();
  });

  it("leaves tfjs's current backend and the caller's tensors alone", async () => {
    const tf = (await importTfjs()) as TfCaller;
    await tf.setBackend('cpu');
    const theirs = tf.tensor1d([5, 6]);
    const own = await tfjs(tf, { runtime: 'wasm' });
    const x = add(tensor(own, [1, 2]), 1);
    expect(tf.getBackend()).toBe('cpu');
    await tf.setBackend('wasm');
    await tf.setBackend('cpu');
    expect(await x.data()).toEqual(Float32Array.of(2, 3));
    own.dispose();
    expect(await theirs.data()).toEqual(Float32Array.of(5, 6));
    theirs.dispose();
  });

  it('takes the current backend unless told otherwise', async () => {
    const tf = await importTfjs();
    await tf.setBackend('wasm');
    const backend = await tfjs(tf);
    expect(backend.name).toBe('tfjs-wasm');
    backend.dispose();
  });

  it('says what to import for a runtime that is not registered', async () => {
    const tf = await importTfjs();
    await expect(tfjs(tf, { runtime: 'webnn' })).rejects.toMatchObject({
      code: 'RUNTIME_UNKNOWN',
      message: expect.stringContaining('tfjs-backend-webnn'),
    });
  });
});
