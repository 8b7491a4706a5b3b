/** The factory of the backend: one entry for browsers and Node. */
import { WebgpuBackend } from './backend.ts';
import { Engine } from './device/engine.ts';
import { type DeviceOptions, openDevice } from './device/open-device.ts';
import { nameOf } from './device/traits.ts';
import { type KernelTable, kernels } from './kernels/table.ts';
import { Tuner, type TuningStore } from './tuning/tuner.ts';

/** Options of `webgpu`. */
export interface WebgpuOptions extends DeviceOptions {
  /** Bytes of freed buffers to keep for reuse. Default 1 GiB. */
  readonly maxIdleBytes?: number;
  /** Time every dispatch (`backend.profile()`); costs speed. Default false. */
  readonly profile?: boolean;
  /**
   * Whether `warmup()` of compiled functions measures tile variants of heavy kernels. Default true, but false on adapters
   * that are a CPU in disguise, where compiling the variants takes longer than they can win.
   */
  readonly tune?: boolean;
  /**
   * Whether compiled functions keep intermediate values as f16, with f32 arithmetic: half the memory and traffic, three
   * digits of precision, values up to 65504. Ignored on devices without `shader-f16`. Default false.
   */
  readonly f16Storage?: boolean;
  /** Whether to choose kernels for a CPU that plays the GPU. Default: by the adapter's name. */
  readonly isSoftware?: boolean;
  /** Where tuning results are kept. Default: in memory, as long as the backend lives. */
  readonly tuningStore?: TuningStore;
  /** More kernels, or other ones, by op name: WGSL for ops of your own. */
  readonly kernels?: KernelTable;
}

/**
 * Makes a WebGPU backend.
 *
 * @throws WebgpuError `WEBGPU_UNAVAILABLE`, `ADAPTER_MISSING`, `ADAPTER_SOFTWARE`.
 *
 * @example
 * const backend = await webgpu(); // in a page, or in Node with the package 'webgpu' installed
 */
export async function webgpu(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const {
    maxIdleBytes = 2 ** 30,
    profile = false,
    kernels: own = {},
    tuningStore = new Map<string, string>(),
  } = options;
  const opened = await openDevice(options);
  const { isSoftware } = options;
  const engine = new Engine(opened.device, { maxIdleBytes, isProfiled: profile, isSoftware });
  const tuner = new Tuner(nameOf(opened.device), tuningStore);
  const isTuned = options.tune ?? !engine.traits.isSoftware;
  const isHalved = (options.f16Storage ?? false) && engine.traits.hasF16;
  const compileOptions = { tuner: isTuned ? tuner : undefined, isHalved };
  return new WebgpuBackend({ opened, engine, kernels: { ...kernels, ...own }, tuner, compileOptions });
}

/**
 * What `openBackend` of `@vqkit/core` calls: `webgpu()` on a real GPU. A CPU that plays one is refused, since every other
 * backend is faster on it.
 *
 * @throws WebgpuError `WEBGPU_UNAVAILABLE`, `ADAPTER_MISSING`, `ADAPTER_SOFTWARE`.
 */
export function open(): Promise<WebgpuBackend> {
  return webgpu({ isSoftwareAllowed: false });
}
