/**
 * Errors of `@vqkit/backend-webgpu`, all of one class with a stable `code`, and the turning of a GPU's own error
 * reports (error scopes, device loss) into it.
 */
import { BackendError } from '@vqkit/core';

/**
 * Something went wrong on the WebGPU side: `WEBGPU_UNAVAILABLE`, `ADAPTER_MISSING`, `ADAPTER_SOFTWARE`, `DEVICE_LOST`, `OUT_OF_MEMORY`,
 * `SHADER_INVALID`, `GPU_FAILED`, `TENSOR_TOO_LARGE`, `KERNEL_MISSING`, `KERNEL_UNSUPPORTED`, `BACKEND_DISPOSED`,
 * `HANDLE_FREED`, `PIXELS_UNSUPPORTED`.
 */
export class WebgpuError extends BackendError {
  override name = 'WebgpuError';
}

/** What an error scope caught, as one of our errors; `doing` names the work, e.g. `a buffer of 12 bytes`. */
export function fromGpuError(error: GPUError, doing: string): WebgpuError {
  const kind = error.constructor.name;
  if (kind === 'GPUOutOfMemoryError') {
    return new WebgpuError({
      code: 'OUT_OF_MEMORY',
      message: `expected room on the GPU for ${doing}, got: ${error.message || 'out of memory'}`,
      fix: 'Dispose tensors, call backend.trim(), or work in smaller tiles or batches',
      cause: error,
    });
  }
  return new WebgpuError({
    code: doing.startsWith('shader') ? 'SHADER_INVALID' : 'GPU_FAILED',
    message: `expected the GPU to accept ${doing}, got: ${error.message}`,
    fix: 'This is a bug of a kernel or a driver: report it with the name of the adapter, which backend.info tells',
    cause: error,
  });
}

/** The error that everything gets once the device is gone. */
export function deviceLost(info: { readonly reason?: string; readonly message?: string }): WebgpuError {
  return new WebgpuError({
    code: 'DEVICE_LOST',
    message: `expected a working GPU device, but it was lost (${info.reason ?? 'unknown'}: ${info.message ?? ''})`,
    fix: 'Make a new backend with webgpu() and upload the weights again',
  });
}

/** The error for an op that has no kernel here. */
export function kernelMissing(kernel: string): WebgpuError {
  return new WebgpuError({
    code: 'KERNEL_MISSING',
    message: `expected a kernel of this backend, got '${kernel}'`,
    fix: 'Give the op a default (defineOp), or pass webgpu({ kernels: { … } })',
  });
}
