/**
 * Host arrays that are used again. A fresh array costs a page fault for every 4 KB and a copy out of the engine, together
 * more than many graphs take to run; training steps give up as many values as they make, so these change places.
 */
import { allocate, type DType, type TypedArray } from '@vqkit/core';

/** What is kept although nothing else is alive. */
const smallestLimit = 64 * 2 ** 20;

/** Arrays that are free to be written again. */
export class ArrayPool {
  readonly #free = new Map<string, TypedArray[]>();
  /** Only arrays on these are taken back: of others nobody knows who else has them. */
  readonly #own = new WeakSet<ArrayBufferLike>();
  readonly #limit: () => number;
  #bytes = 0;

  /** @param limit  Bytes in use; about as many may be kept. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** An array of any content. */
  take(dtype: DType, size: number): TypedArray {
    const known = this.#free.get(`${dtype} ${size}`)?.pop();
    if (known !== undefined) {
      this.#bytes -= known.byteLength;
      return known;
    }
    const fresh = allocate(dtype, size);
    this.#own.add(fresh.buffer);
    return fresh;
  }

  /** Takes an array back that nobody will read or write any more; others than its own it leaves alone. */
  give(dtype: DType, data: TypedArray): void {
    if (!this.#own.has(data.buffer)) return;
    const key = `${dtype} ${data.length}`;
    const known = this.#free.get(key) ?? [];
    // Kinds that were used last are the last to go.
    this.#free.delete(key);
    this.#free.set(key, known);
    known.push(data);
    this.#bytes += data.byteLength;
    this.#shrink(Math.max(smallestLimit, this.#limit()));
  }

  /** Forgets all arrays. */
  clear(): void {
    this.#shrink(0);
  }

  #shrink(limit: number): void {
    for (const [key, arrays] of this.#free) {
      while (this.#bytes > limit && arrays.length > 0) this.#bytes -= arrays.pop()!.byteLength;
      if (arrays.length === 0 && limit === 0) this.#free.delete(key);
      if (this.#bytes <= limit && limit > 0) return;
    }
  }
}
