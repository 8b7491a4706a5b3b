/**
 * Who frees what. Operations never consume their inputs; tensors made inside `tidy` or a `Scope` are freed with it,
 * except those that it returns or keeps. `tidy` is for synchronous code, `Scope` for code that awaits.
 */
import { MemoryError } from '../errors.ts';
import { leavesOf } from '../tree/tree.ts';
import { type Frame, frames } from './frame.ts';
import { isTensor, type Tensor } from './tensor.ts';

/**
 * Runs `fn` and frees every tensor made inside, except those in the tree that it returns.
 *
 * @param fn  Synchronous; an `async` function is refused, since its tensors would be freed before it goes on.
 * @throws MemoryError `TIDY_ASYNC` when `fn` returns a promise: use `Scope`.
 *
 * @example
 * const y = tidy(() => add(mul(x, 2), 1)); // the product is freed, y stays
 */
export function tidy<T>(fn: () => T): T {
  return withFrame({ tensors: new Set(), isRecording: frames.at(-1)?.isRecording ?? false }, fn);
}

/** @internal As `tidy`, but frames nested inside free nothing until this one ends. */
export function tidyRecording<T>(fn: () => T): T {
  return withFrame({ tensors: new Set(), isRecording: true }, fn);
}

function withFrame<T>(frame: Frame, fn: () => T): T {
  const parent = frames.at(-1);
  frames.push(frame);
  let kept: Set<Tensor> = new Set();
  try {
    const result = fn();
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
      throw new MemoryError({
        code: 'TIDY_ASYNC',
        message: 'tidy expected a synchronous function, got one that returns a promise',
        fix: 'Use `const scope = new Scope()` with scope.run(…) around the synchronous parts, and scope.dispose() at the end',
      });
    }
    kept = new Set(leavesOf(result).filter(isTensor));
    return result;
  } finally {
    frames.pop();
    closeFrame(frame, kept, parent);
  }
}

function closeFrame(frame: Frame, kept: ReadonlySet<Tensor>, parent: Frame | undefined): void {
  for (const tensor of frame.tensors) {
    if (tensor.isDisposed) continue;
    if (kept.has(tensor) || parent?.isRecording) parent?.tensors.add(tensor);
    else tensor.dispose();
  }
}

/**
 * Owns tensors across `await`s. Tensors made inside `run` belong to the scope until it is disposed or they are kept.
 *
 * @example
 * using scope = new Scope();
 * const y = scope.run(() => square(x));
 * console.log(await y.data()); // y is freed when the block ends
 */
export class Scope {
  readonly #frame: Frame = { tensors: new Set(), isRecording: false };

  /** Runs synchronous code whose new tensors belong to this scope. */
  run<T>(fn: () => T): T {
    frames.push(this.#frame);
    try {
      return fn();
    } finally {
      frames.pop();
    }
  }

  /** Takes tensors (anywhere in a tree) into this scope. */
  track<T>(tree: T): T {
    for (const leaf of leavesOf(tree)) if (isTensor(leaf)) this.#frame.tensors.add(leaf);
    return tree;
  }

  /** Releases tensors (anywhere in a tree) from this scope: they live on until somebody disposes them. */
  keep<T>(tree: T): T {
    for (const leaf of leavesOf(tree)) if (isTensor(leaf)) this.#frame.tensors.delete(leaf);
    return tree;
  }

  /** Frees what is left; idempotent. */
  dispose(): void {
    for (const tensor of this.#frame.tensors) tensor.dispose();
    this.#frame.tensors.clear();
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')](): void {
    this.dispose();
  }
}

/** Frees every tensor in a tree; idempotent. */
export function disposeTree(tree: unknown): void {
  for (const leaf of leavesOf(tree)) if (isTensor(leaf)) leaf.dispose();
}
