import { describe, expect, it, vi } from 'vitest';
import { openBackend } from './backends.ts';

describe('openBackend', () => {
  it.each([
    ['auto', /^(webgpu|onnx)$/], // whether there is a GPU
    ['onnx', /^onnx$/],
    ['cpu', /^cpu$/],
  ])("opens '%s'", async (name, expected) => {
    const backend = await openBackend(name);
    expect(backend.name).toMatch(expected);
    backend.dispose();
  });

  it('goes by what works: no GPU, so onnxruntime; nothing of that either, so the reference, with the reasons', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.doMock('@vqkit/backend-onnx', () => ({ onnx: () => Promise.reject(new Error('no build for this machine')) }));
    try {
      const backend = await openBackend('auto');
      if (backend.name === 'webgpu') return;
      expect(backend.name).toBe('cpu');
      expect(written.mock.calls.join('')).toMatch(/slow:\n {2}webgpu: .+\n {2}onnx: no build for this machine\n/);
    } finally {
      vi.doUnmock('@vqkit/backend-onnx');
      written.mockRestore();
    }
  });

  it.each(['webgpu', 'tfjs'])("opens '%s', or says what is missing", async (name) => {
    const result = await openBackend(name).then(
      (backend) => {
        backend.dispose();
        return { code: undefined, message: '' };
      },
      (error: { code: string; message: string }) => error,
    );
    if (result.code === undefined) return;
    expect(result.code).toBe('BACKEND_UNAVAILABLE');
    expect(result.message).toMatch(/npm install|driver/i);
  });

  it.each(['gpu', '', 'constructor'])("refuses '%s' as wrong usage", async (name) => {
    await expect(openBackend(name)).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
  });
});
