import { describe, expect, it } from 'vitest';
import { importEngine } from './create.ts';

describe('importEngine', () => {
  it('names the package to install when it is missing', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'onnxruntime-node'"));
    const error = await importEngine('onnxruntime-node', load).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ENGINE_MISSING' });
    expect(String(error)).toContain('npm install onnxruntime-node');
  });

  it('takes the default export where there is one', async () => {
    const engine = { Tensor: Object, InferenceSession: {} };
    expect(await importEngine('x', () => Promise.resolve({ default: engine }))).toBe(engine);
  });
});
