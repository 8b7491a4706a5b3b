/** What a handle of this backend is: values in a GPU buffer, and when they were written. */
import type { PooledBuffer } from './device/buffer-pool.ts';
import type { WebgpuError } from './errors.ts';

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
