/** Notices tensors that a function leaves behind. */
import type { Backend } from '../backend/backend.ts';
import { MemoryError } from '../errors.ts';
import { disposeTree } from '../tensor/scope.ts';

/**
 * Runs `fn`, disposes of the tensors in the tree that it returns, and fails if the backend holds more (or fewer)
 * handles or bytes than before.
 *
 * @param backend  Must not be used by others meanwhile.
 * @param fn  May be async; it frees what it does not return.
 * @throws MemoryError `LEAK` with both counts.
 *
 * @example
 * await checkLeaks(backend, () => quantizer.quantize(params, z));
 */
export async function checkLeaks(backend: Backend, fn: () => unknown): Promise<void> {
  const before = backend.memory();
  disposeTree(await fn());
  const after = backend.memory();
  if (after.tensors === before.tensors && after.bytes === before.bytes) return;
  throw new MemoryError({
    code: 'LEAK',
    message:
      `expected ${before.tensors} handles with ${before.bytes} bytes on '${backend.name}' afterwards, ` +
      `got ${after.tensors} with ${after.bytes} bytes`,
    fix: 'Wrap the computation in tidy, or dispose of what is not returned',
  });
}
