import { describe, expect, it } from 'vitest';
import { cpu } from './cpu.ts';

const spec = { shape: [3], dtype: 'f32' } as const;

describe('cpu', () => {
  it('copies values in and out', async () => {
    const backend = cpu();
    const source = Float32Array.of(1, 2, 3);
    const handle = backend.upload(source, spec);
    source[0] = 9;
    const read = await backend.read({ handle, ...spec });
    expect(Array.from(read)).toEqual([1, 2, 3]);
    read[0] = 9;
    expect(Array.from(backend.readSync!({ handle, ...spec }))).toEqual([1, 2, 3]);
  });

  it('counts what is alive', () => {
    const backend = cpu();
    const handle = backend.upload(new Float32Array(3), spec);
    const call = {
      kernel: 'fill',
      inputs: [],
      attributes: { value: 2 },
      outputs: [{ shape: [2], dtype: 'u8' }],
    } as const;
    const [filled] = backend.run(call);
    expect(backend.memory()).toEqual({ tensors: 2, bytes: 14 });
    backend.free(handle);
    backend.free(filled!);
    expect(backend.memory()).toEqual({ tensors: 0, bytes: 0 });
  });

  it('notices a handle that is freed twice', () => {
    const backend = cpu();
    const handle = backend.upload(new Float32Array(3), spec);
    backend.free(handle);
    expect(() => backend.free(handle)).toThrow(expect.objectContaining({ code: 'HANDLE_UNKNOWN' }));
  });

  it('names kernels that it does not have', () => {
    const call = { kernel: 'mystery', inputs: [], attributes: {}, outputs: [] };
    expect(() => cpu().run(call)).toThrow(expect.objectContaining({ code: 'KERNEL_MISSING' }));
  });

  it('refuses work after dispose, which may be repeated', () => {
    const backend = cpu();
    const handle = backend.upload(new Float32Array(3), spec);
    backend.dispose();
    backend.dispose();
    expect(() => backend.upload(new Float32Array(3), spec)).toThrow(
      expect.objectContaining({ code: 'BACKEND_DISPOSED' }),
    );
    expect(backend.memory()).toEqual({ tensors: 0, bytes: 0 });
    backend.free(handle);
  });
});
