/** `@vqkit/backend-webgpu`: tensors and kernels on a WebGPU device, in browsers and in Node. */
export { WebgpuBackend, type WebgpuStatistics } from './backend.ts';
export type { DeviceOptions } from './device/open-device.ts';
export type { KernelTime } from './device/profiler.ts';
export type { AdapterName, DeviceTraits } from './device/traits.ts';
export { WebgpuError } from './errors.ts';
export type { PixelOptions, PixelSource } from './pixels/pixels.ts';
export {
  type BufferRef,
  type Call,
  input,
  type Kernel,
  type KernelContext,
  output,
  type Plan,
  type Program,
  planOf,
  type Step,
  temporary,
} from './plan.ts';
export type { TuningStore } from './tuning/tuner.ts';
export { open, type WebgpuOptions, webgpu } from './webgpu.ts';
export { type Binding, f32, i32, type Parameter, type ShaderSource, shaderStep, u32 } from './wgsl/shader.ts';
