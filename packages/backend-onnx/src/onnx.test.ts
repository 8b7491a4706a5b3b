import { add, compile, conv2d, matmul, random, scalar, square, type Tensor, tensor } from '@vqkit/core';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { OnnxError } from './errors.ts';
import { onnx } from './onnx.ts';
import type { Engine } from './runtime/engine.ts';

/** onnxruntime-node with a count of the sessions that are open. */
function countingEngine() {
  let open = 0;
  const engine: Engine = {
    Tensor: ort.Tensor,
    InferenceSession: {
      async create(bytes: Uint8Array, options: object) {
        const session = await ort.InferenceSession.create(bytes, options);
        open++;
        return {
          run: session.run.bind(session),
          release: async () => {
            open--;
            await session.release();
          },
        };
      },
    },
  };
  return { engine, open: () => open };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('onnx()', () => {
  it('returns handles at once and values later', async () => {
    const backend = await onnx({ threads: 1 });
    const x = random(1).normal(backend, [300, 300]);
    const y = matmul(x, x);
    expect(y.shape).toEqual([300, 300]);
    expect((await y.data()).length).toBe(90_000);
    backend.dispose();
  });

  it('refuses numbers that are none', async () => {
    for (const threads of [0, -1, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null, true] as number[])
      await expect(onnx({ threads }), String(threads)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(onnx({ hostWork: Number.NaN })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('keeps values that a run needs when their handle is freed early', async () => {
    const backend = await onnx({ threads: 1 });
    const step = compile((x: Tensor) => square(x));
    const x = tensor(backend, [3]);
    const y = step(x);
    x.dispose();
    expect(await y.item()).toBe(9);
    backend.dispose();
  });

  it('gives memory back as soon as a value is freed and no run needs it', async () => {
    const results: Float32Array[] = [];
    const engine: Engine = {
      Tensor: ort.Tensor,
      InferenceSession: {
        async create(bytes: Uint8Array, options: object) {
          const session = await ort.InferenceSession.create(bytes, options);
          return {
            run: async (feeds: ort.InferenceSession.FeedsType, fetches: ort.InferenceSession.FetchesType) => {
              const made = await session.run(feeds, fetches);
              results.push(...Object.values(made).map(({ data }) => data as Float32Array));
              return made;
            },
            release: () => session.release(),
          };
        },
      },
    };
    const backend = await onnx({ threads: 1, engine });
    results.length = 0; // the trial runs of a new backend
    const step = compile((x: Tensor) => add(x, 1));
    const x = tensor(backend, new Float32Array(40_000), [200, 200]);
    const y = step(x);
    const z = step(y);
    y.dispose();
    expect(new Set(await z.data())).toEqual(new Set([2]));
    expect(results.map(({ length }) => length)).toEqual([0, 40_000]);
    const reading = z.data();
    z.dispose();
    expect(new Set(await reading)).toEqual(new Set([2]));
    expect(results.map(({ length }) => length)).toEqual([0, 0]);
    expect(new Set(await x.data())).toEqual(new Set([0]));
    backend.dispose();
  });

  it('chains runs whose inputs are still under way', async () => {
    const backend = await onnx({ threads: 1 });
    const step = compile((x: Tensor) => add(x, 1));
    let x: Tensor = scalar(backend, 0);
    for (let i = 0; i < 5; i++) x = step(x);
    expect(await x.item()).toBe(5);
    backend.dispose();
  });

  it('reports a failing run when a value is read, also of what depends on it', async () => {
    const failing: Engine = {
      Tensor: ort.Tensor,
      InferenceSession: {
        async create(bytes: Uint8Array, options: object) {
          const session = await ort.InferenceSession.create(bytes, options);
          const isProbe = session.inputNames.includes('x');
          const run = isProbe ? session.run.bind(session) : () => Promise.reject(new Error('out of memory'));
          return { run, release: () => session.release() };
        },
      },
    };
    const backend = await onnx({ threads: 1, engine: failing });
    const y = compile((x: Tensor) => square(x))(scalar(backend, 2));
    await expect(y.data()).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await expect(add(y, 1).data()).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    backend.dispose();
  });

  it('releases the session of a compiled function that is disposed, after its last run', async () => {
    const { engine, open } = countingEngine();
    const backend = await onnx({ threads: 1, engine });
    const before = open();
    const step = compile((x: Tensor) => square(x));
    const y = step(scalar(backend, 3));
    step.dispose();
    expect(await y.item()).toBe(9);
    await settle();
    expect(open()).toBe(before);
    backend.dispose();
  });

  it('releases every session with the backend', async () => {
    const { engine, open } = countingEngine();
    const backend = await onnx({ threads: 1, engine, hostWork: 0 });
    const x = random(1).normal(backend, [1, 4, 4, 2]);
    const filter = random(2).normal(backend, [3, 3, 2, 2]);
    await conv2d(x, filter).data();
    await compile((a: Tensor) => square(a))(x).data();
    expect(open()).toBeGreaterThan(0);
    backend.dispose();
    await settle();
    expect(open()).toBe(0);
    backend.dispose();
  });

  it('says what to do when a provider is missing', async () => {
    const broken: Engine = {
      Tensor: ort.Tensor,
      InferenceSession: { create: () => Promise.reject(new Error('Failed to load shared library')) },
    };
    const error = await onnx({ executionProvider: 'cuda', engine: broken }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OnnxError);
    expect(error).toMatchObject({ code: 'PROVIDER_MISSING' });
    expect(String(error)).toContain('CUDA');
  });

  it('refuses work after dispose()', async () => {
    const backend = await onnx({ threads: 1 });
    backend.dispose();
    expect(() => tensor(backend, [1])).toThrowError(/BACKEND_DISPOSED|disposed/);
  });

  it('gives the same bits for the same seed, twice', async () => {
    const run = async (): Promise<number[]> => {
      const backend = await onnx({ threads: 2, hostWork: 0 });
      const x = random(4).normal(backend, [1, 12, 12, 16]);
      const y = await conv2d(x, random(5).normal(backend, [3, 3, 16, 16])).data();
      backend.dispose();
      return Array.from(y);
    };
    expect(await run()).toEqual(await run());
  });
});
