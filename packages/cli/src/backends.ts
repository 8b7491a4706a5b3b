/** Backends by the names that `--backend` takes. Each is imported only when asked for. */
import { type Backend, cpu } from '@vqkit/core';
import { CliError } from './errors.ts';

/** Values of `--backend`. */
export const backendNames = ['auto', 'onnx', 'cpu'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

const openers: Record<BackendName, (threads?: number) => Promise<Backend>> = {
  // onnxruntime's CPU is carried whole by its npm package, so it is there wherever this command is.
  auto: (threads) => openers.onnx(threads),
  onnx: async (threads) => (await import('@vqkit/backend-onnx')).onnx({ threads }),
  cpu: async () => cpu(),
};

/** Opens a backend by name. @throws CliError `USAGE` for an unknown name; the backend's own error when its engine is missing. */
export async function openBackend(name: string, threads?: number): Promise<Backend> {
  if (Object.hasOwn(openers, name)) return openers[name as BackendName](threads);
  throw new CliError({
    code: 'USAGE',
    message: `expected a backend of ${backendNames.join(', ')}, got '${name}'`,
    fix: 'Change --backend',
  });
}
