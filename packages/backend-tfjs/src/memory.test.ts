/** Every value that the backend makes is accounted for, by its own account and by tfjs's. */
import {
  add,
  compile,
  conv2dFused,
  nearestCode,
  random,
  relu,
  sum,
  tensor,
  tidy,
  valueAndGrad,
  where,
} from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTfjs, importTfjs, needsTfjs, storedValues } from '../conformance/lib/with-tfjs.ts';
import type { TfjsBackend } from './backend.ts';
import type { TfNamespace } from './runtime/tf-types.ts';
import { tfjs } from './tfjs.ts';

const noise = (size: number): Float32Array => random(1).uniformArray(size, -1, 1);

describe.skipIf(!hasTfjs).each(['cpu', 'wasm'])(`memory on tfjs-%s ${needsTfjs}`, (runtime) => {
  let tf: TfNamespace;
  let backend: TfjsBackend;
  beforeAll(async () => {
    tf = await importTfjs();
    backend = await tfjs(tf, { runtime });
  });
  afterAll(() => backend?.dispose());

  /** What tfjs counts, and what the runtime really stores. */
  const account = (): number[] => [tf.memory().numTensors, tf.memory().numDataBuffers, storedValues(tf, runtime)];

  it('counts each tensor once in tf.memory(), and gives all of it back', async () => {
    const before = account();
    const x = tensor(backend, noise(12), [3, 4]);
    const y = add(x, x);
    expect(account()).toEqual(before.map((n) => n + 2));
    expect(backend.memory()).toEqual({ tensors: 2, bytes: 96 });
    x.dispose();
    y.dispose();
    expect(account()).toEqual(before);
  });

  it('leaves nothing behind after composed kernels, gradients and compiled functions', async () => {
    const before = account();
    const x = tensor(backend, noise(2 * 8 * 8 * 4), [2, 8, 8, 4]);
    const filter = tensor(backend, noise(9 * 4 * 4), [3, 3, 4, 4]);
    const bias = tensor(backend, noise(4));
    const codebook = tensor(backend, noise(5 * 4), [5, 4]);
    const loss = (w: typeof filter, input: typeof x) => sum(relu(conv2dFused(input, w, { bias })));
    await checkLeaks(backend, () => valueAndGrad(loss)(filter, x));
    await checkLeaks(backend, () => nearestCode(x, codebook));
    const compiled = compile((w: typeof filter, b: typeof bias, input: typeof x) =>
      conv2dFused(input, w, { bias: b, activation: 'silu' }),
    );
    await checkLeaks(backend, () => compiled(filter, bias, x));
    compiled.dispose();
    for (const t of [x, filter, bias, codebook]) t.dispose();
    expect(account()).toEqual(before);
  });

  it('keeps its tensors when the caller is inside tf.tidy', async () => {
    const { tidy: tfTidy } = tf as TfNamespace & { tidy(work: () => void): void };
    let y: ReturnType<typeof tensor> | undefined;
    tfTidy(() => {
      y = tidy(() => add(tensor(backend, [1, 2]), tensor(backend, [3, 4])));
    });
    expect(await y!.data()).toEqual(Float32Array.of(4, 6));
    y!.dispose();
  });

  it('releases what a failing kernel had made so far', () => {
    const before = account();
    const handle = backend.upload(noise(6), { shape: [2, 3], dtype: 'f32' });
    const view = { handle, shape: [2, 3], dtype: 'f32' } as const;
    const call = {
      kernel: 'matmul',
      inputs: [view, view],
      attributes: { transposeA: false, transposeB: false },
      outputs: [{ shape: [1, 2, 3], dtype: 'f32' }],
    } as const;
    expect(() => backend.run(call)).toThrow(expect.objectContaining({ code: 'KERNEL_FAILED' }));
    backend.free(handle);
    expect(account()).toEqual(before);
  });

  it('gives everything back on dispose, and refuses to work afterwards', async () => {
    const before = account();
    const own = await tfjs(tf, { runtime });
    const x = tensor(own, [1, 2, 3]);
    const y = where(tensor(own, Uint8Array.of(1, 0, 1)), x, add(x, 1));
    own.dispose();
    own.dispose();
    expect(account()).toEqual(before);
    expect(() => own.upload(noise(1), { shape: [1], dtype: 'f32' })).toThrow(
      expect.objectContaining({ code: 'BACKEND_DISPOSED' }),
    );
    await expect(y.data()).rejects.toMatchObject({ code: 'BACKEND_DISPOSED' });
    y.dispose();
  });
});
