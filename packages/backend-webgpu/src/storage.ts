/** What a handle of this backend is: values in a GPU buffer, and when they were written. */
import type { PooledBuffer } from './device/buffer-pool.ts';
import { WebgpuError } from './errors.ts';

/** Values on the GPU. */
export interface GpuStorage {
  /** Undefined once freed. */
  buffer: PooledBuffer | undefined;
  /** Bytes of the values; the buffer may be a little larger. */
  readonly bytes: number;
  /** When the values were written, to tie them to failures that are reported later. */
  readonly epoch: number;
  /** Known failure of what they were computed from. */
  readonly failure: WebgpuError | undefined;
}

/** The buffer of a handle. @throws WebgpuError `HANDLE_FREED` */
export function bufferOf(storage: GpuStorage): PooledBuffer {
  if (storage.buffer) return storage.buffer;
  throw new WebgpuError({
    code: 'HANDLE_FREED',
    message: 'expected a handle that is alive, got one that was freed',
    fix: 'Free a handle after its last use',
  });
}
