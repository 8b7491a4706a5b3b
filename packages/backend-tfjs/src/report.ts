/** What really runs: the runtime, the device behind it and the versions, as far as tfjs tells. */
import type { Runtime } from './runtime/runtime.ts';

/** Which device runs the kernels. */
export interface DeviceReport {
  /** tfjs's name of the runtime: `cpu`, `wasm`, `webgl`, `webgpu` or `tensorflow`. */
  readonly runtime: string;
  /** The device, in words. */
  readonly device: string;
  /** Version of tfjs-core. */
  readonly version: string;
}

// What runtimes know of themselves, read through their own fields; all may be missing.
interface Insides {
  readonly isGPUPackage?: boolean;
  readonly isUsingGpuDevice?: boolean;
  readonly adapterInfo?: { readonly vendor?: string; readonly architecture?: string; readonly description?: string };
  readonly gpgpu?: { readonly gl?: WebGLRenderingContext };
  readonly wasm?: { readonly tfjs?: { getThreadsCount?(): number } };
}

function nativeDevice({ isGPUPackage, isUsingGpuDevice }: Insides): string {
  if (isUsingGpuDevice) return 'CUDA GPU (TensorFlow)';
  return isGPUPackage ? 'CPU (TensorFlow found no CUDA device; see docs/cuda.md)' : 'CPU (TensorFlow)';
}

function webglDevice({ gpgpu }: Insides): string {
  const gl = gpgpu?.gl;
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl?.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  return typeof renderer === 'string' ? renderer : 'unknown GPU';
}

function webgpuDevice({ adapterInfo }: Insides): string {
  const words = [adapterInfo?.vendor, adapterInfo?.architecture, adapterInfo?.description];
  return words.filter((word) => word).join(' ') || 'unknown GPU';
}

function deviceOf({ name, backend }: Runtime): string {
  const insides = backend as unknown as Insides;
  switch (name) {
    case 'tensorflow':
      return nativeDevice(insides);
    case 'webgl':
      return webglDevice(insides);
    case 'webgpu':
      return webgpuDevice(insides);
    case 'wasm':
      return `CPU (WebAssembly, threads: ${insides.wasm?.tfjs?.getThreadsCount?.() ?? 1})`;
    default:
      return 'CPU (plain JavaScript)';
  }
}

/** Describes the device of a runtime. */
export function reportOf(runtime: Runtime): DeviceReport {
  return { runtime: runtime.name, device: deviceOf(runtime), version: runtime.tf.version_core ?? 'unknown' };
}
