/** What `report()` says of runtimes that this machine does not have. */
import { describe, expect, it } from 'vitest';
import { reportOf } from './report.ts';
import type { Runtime } from './runtime/runtime.ts';

const deviceOf = (name: string, backend: object): string =>
  reportOf({ name, backend, tf: { version_core: '4.22.0' } } as unknown as Runtime).device;

describe('report', () => {
  it('tells CUDA from a fallback to the CPU', () => {
    expect(deviceOf('tensorflow', { isGPUPackage: true, isUsingGpuDevice: true })).toBe('CUDA GPU (TensorFlow)');
    expect(deviceOf('tensorflow', { isGPUPackage: true, isUsingGpuDevice: false })).toContain('found no CUDA device');
    expect(deviceOf('tensorflow', { isGPUPackage: false, isUsingGpuDevice: false })).toBe('CPU (TensorFlow)');
  });

  it('names the GPU of a browser runtime', () => {
    const gl = {
      getExtension: () => null,
      RENDERER: 7937,
      getParameter: (key: number) => (key === 7937 ? 'SwiftShader' : 0),
    };
    expect(deviceOf('webgl', { gpgpu: { gl } })).toBe('SwiftShader');
    expect(deviceOf('webgpu', { adapterInfo: { vendor: 'nvidia', architecture: 'ampere' } })).toBe('nvidia ampere');
    expect(deviceOf('webgpu', {})).toBe('unknown GPU');
  });
});
