/** What kernels need to know about a device when they choose tiles: limits, features, whether a CPU plays the GPU. */

/** Facts about a device that decide how kernels are built. */
export interface DeviceTraits {
  /** Whether the adapter runs on the CPU (lavapipe, SwiftShader, WARP): barriers are costly there and wide registers cheap. */
  readonly isSoftware: boolean;
  /** Whether shaders may use the type `f16`. */
  readonly hasF16: boolean;
  /** Storage buffers that one shader can bind. */
  readonly maxStorageBuffers: number;
  /** Bytes that one binding can span. */
  readonly maxBindingBytes: number;
  /** Alignment of a binding's offset, in bytes. */
  readonly bindingAlignment: number;
  /** Workgroups along one axis of a dispatch. */
  readonly maxGroupsPerAxis: number;
  /** Invocations in one workgroup. */
  readonly maxInvocations: number;
  /** Bytes of workgroup memory. */
  readonly maxWorkgroupBytes: number;
}

/** Who made the adapter, for people and for the keys of tuning results. */
export interface AdapterName {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isSoftware: boolean;
}

const softwareNames = /llvmpipe|lavapipe|swiftshader|basic render|warp|software/i;

/** Reads the adapter's name off a device. */
export function nameOf(device: GPUDevice): AdapterName {
  return nameIn(device.adapterInfo);
}

/** The same, where there is no device yet. */
export function nameIn(info: GPUAdapterInfo | undefined): AdapterName {
  const { vendor = '', architecture = '', device: model = '', description = '' } = info ?? {};
  const isSoftware =
    softwareNames.test([vendor, architecture, model, description].join(' ')) || info?.isFallbackAdapter === true;
  return { vendor, architecture, device: model, description, isSoftware };
}

/** Reads the traits off a device; `isSoftware` as its name tells unless the caller knows better. */
export function traitsOf(device: GPUDevice, isSoftware: boolean = nameOf(device).isSoftware): DeviceTraits {
  const { limits } = device;
  return {
    isSoftware,
    hasF16: device.features.has('shader-f16'),
    maxStorageBuffers: limits.maxStorageBuffersPerShaderStage,
    maxBindingBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    bindingAlignment: limits.minStorageBufferOffsetAlignment,
    maxGroupsPerAxis: limits.maxComputeWorkgroupsPerDimension,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}
