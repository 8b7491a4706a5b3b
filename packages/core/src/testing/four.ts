/** Four values for cases about something else than numbers. */
import type { Backend } from '../backend/backend.ts';
import { type Tensor, tensor } from '../index.ts';
import { expectThat } from './assertions.ts';

/** A 2×2 tensor of 1, 2, 3, 4. */
export function four({ backend }: { readonly backend: Backend }): Tensor {
  return tensor(backend, [1, 2, 3, 4], [2, 2]);
}

/** Fails unless the values are these; for numbers that are exact in float32. */
export function expectValues(actual: ArrayLike<number>, expected: readonly number[]): void {
  const values = Array.from(actual);
  expectThat(values.join() === expected.join(), `expected [${expected}], got [${values}]`);
}
