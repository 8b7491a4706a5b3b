/** The bit flags of WebGPU as numbers: Node has no global `GPUBufferUsage` unless somebody puts it there. */

/** `GPUBufferUsage`. */
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyDestination: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

/** `GPUTextureUsage`. */
export const textureUsage = {
  copyDestination: 0x2,
  textureBinding: 0x4,
  storageBinding: 0x8,
  renderAttachment: 0x10,
} as const;

/** `GPUMapMode.READ`. */
export const mapModeRead = 0x1;

/** `GPUShaderStage.COMPUTE`. */
export const computeStage = 0x4;
