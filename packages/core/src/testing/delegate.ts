/** A base for wrappers: recorders, mocks and deliberately broken backends change one method and pass the rest on. */
import type { Backend } from '../backend/backend.ts';

/**
 * A backend that passes every call on to another one.
 *
 * @param changes  Methods to use instead.
 *
 * @example
 * const counted = delegate(cpu(), { run: (call) => { count++; return inner.run(call); } });
 */
export function delegate(backend: Backend, changes: Partial<Backend> = {}): Backend {
  const { readSync, compile } = backend;
  return {
    name: backend.name,
    supports: (kernel, inputs, attributes) => backend.supports(kernel, inputs, attributes),
    upload: (data, spec) => backend.upload(data, spec),
    read: (view) => backend.read(view),
    ...(readSync && { readSync: (view) => readSync.call(backend, view) }),
    run: (call) => backend.run(call),
    free: (handle) => backend.free(handle),
    ...(compile && { compile: (graph) => compile.call(backend, graph) }),
    memory: () => backend.memory(),
    dispose: () => backend.dispose(),
    ...changes,
  };
}
