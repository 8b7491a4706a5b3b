/** The stack of frames that new tensors belong to, in a file of its own: tensors put themselves there, scopes take them out. */
import type { Tensor } from './tensor.ts';

/** The tensors of one `tidy` or `Scope`. */
export interface Frame {
  readonly tensors: Set<Tensor>;
  /** While gradients are recorded, intermediate values are needed later: nested frames hand theirs over instead of freeing. */
  readonly isRecording: boolean;
}

/** Mirrors the call stack of synchronous code, so it is always empty when control returns to the event loop. */
export const frames: Frame[] = [];
