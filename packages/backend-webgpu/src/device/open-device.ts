/**
 * Getting a `GPUDevice`: from the browser, from any `GPU` object (Node), or one that the caller owns. We ask for the
 * adapter's own limits, and only for features that are there.
 */
import { WebgpuError } from '../errors.ts';
import { nodeGpu } from './node-gpu.ts';
import { nameIn } from './traits.ts';

/** Where a device comes from; with nothing given, `navigator.gpu`, and in Node the npm package `webgpu`. */
export interface DeviceOptions {
  /** Any GPU object, e.g. `create(['backend=vulkan'])` of the npm package `webgpu`. Kept referenced as long as the backend lives. */
  readonly gpu?: GPU;
  /** A device to adopt. It is never destroyed by us. */
  readonly device?: GPUDevice;
  /** Which adapter to prefer on machines with two. Default `'high-performance'`. */
  readonly powerPreference?: GPUPowerPreference;
  /** Whether a CPU that plays the GPU will do. Default true. */
  readonly isSoftwareAllowed?: boolean;
}

/** A device, and whether it is ours to destroy. */
export interface OpenedDevice {
  readonly device: GPUDevice;
  readonly isOwned: boolean;
  /** Held so that a GPU object of Node is not collected while its device works. */
  readonly gpu: GPU | undefined;
}

const wantedFeatures = ['shader-f16', 'timestamp-query', 'subgroups'] as const;

const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * Opens a device.
 *
 * @throws WebgpuError `WEBGPU_UNAVAILABLE` when there is no WebGPU; `ADAPTER_MISSING` when it has no adapter;
 *   `ADAPTER_SOFTWARE` when it is a CPU, and that will not do.
 */
export async function openDevice(options: DeviceOptions): Promise<OpenedDevice> {
  if (options.device) return { device: options.device, isOwned: false, gpu: undefined };
  const gpu = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu ?? (await nodeGpu());
  if (!gpu) {
    throw new WebgpuError({
      code: 'WEBGPU_UNAVAILABLE',
      message: 'webgpu: expected navigator.gpu or a GPU object, got neither',
      fix: 'Use a browser with WebGPU, and https or localhost; or another backend',
    });
  }
  const adapter = await gpu.requestAdapter({ powerPreference: options.powerPreference ?? 'high-performance' });
  if (!adapter) {
    throw new WebgpuError({
      code: 'ADAPTER_MISSING',
      message: 'webgpu: expected a GPU adapter, but none was offered',
      fix: 'Install a Vulkan, Metal or Direct3D 12 driver, or use another backend such as cpu() or onnx()',
    });
  }
  const { isSoftware, description, vendor } = nameIn(adapter.info);
  if (isSoftware && options.isSoftwareAllowed === false) {
    throw new WebgpuError({
      code: 'ADAPTER_SOFTWARE',
      message: `webgpu: expected a GPU, got a CPU that plays one (${description || vendor})`,
      fix: 'Install the driver of your GPU, or use another backend, which is faster on a CPU; webgpu() takes it all the same',
    });
  }
  const requiredLimits: Record<string, number> = {};
  for (const name of raisedLimits) {
    const limit = adapter.limits[name];
    if (limit !== undefined) requiredLimits[name] = limit;
  }
  const requiredFeatures = wantedFeatures.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures: [...requiredFeatures] });
  return { device, isOwned: true, gpu };
}
