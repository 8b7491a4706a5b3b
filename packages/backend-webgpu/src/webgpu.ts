/** The factory of the backend: one entry for browsers and Node. */
import { WebgpuBackend } from './backend.ts';
import { Engine } from './device/engine.ts';
import { type DeviceOptions, openDevice } from './device/open-device.ts';
import { type KernelTable, kernels } from './kernels/table.ts';

/** Options of `webgpu`. */
export interface WebgpuOptions extends DeviceOptions {
  /** Bytes of freed buffers to keep for reuse. Default 1 GiB. */
  readonly maxIdleBytes?: number;
  /** Time every dispatch (`backend.profile()`); costs speed. Default false. */
  readonly profile?: boolean;
  /** More kernels, or other ones, by op name: WGSL for ops of your own. */
  readonly kernels?: KernelTable;
}

/**
 * Makes a WebGPU backend.
 *
 * @throws WebgpuError `WEBGPU_UNAVAILABLE`, `ADAPTER_MISSING`.
 *
 * @example
 * const backend = await webgpu(); // in a page
 * const backend = await webgpu({ gpu: create([]) }); // in Node, with create from the package 'webgpu'
 */
export async function webgpu(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const { maxIdleBytes = 2 ** 30, profile = false, kernels: own = {} } = options;
  const opened = await openDevice(options);
  const engine = new Engine(opened.device, { maxIdleBytes, isProfiled: profile }, () => undefined);
  return new WebgpuBackend({ opened, engine, kernels: { ...kernels, ...own }, variantOf: () => undefined });
}
