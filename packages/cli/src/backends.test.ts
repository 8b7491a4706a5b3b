import { describe, expect, it } from 'vitest';
import { openBackend } from './backends.ts';

describe('openBackend', () => {
  it.each([
    ['auto', 'onnx'],
    ['onnx', 'onnx'],
    ['cpu', 'cpu'],
  ])("opens '%s'", async (name, expected) => {
    const backend = await openBackend(name);
    expect(backend.name).toBe(expected);
    backend.dispose();
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
