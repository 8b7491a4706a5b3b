export { TfjsBackend } from './backend.ts';
export { TfjsError } from './errors.ts';
export { openRuntime } from './runtime/runtime.ts';
