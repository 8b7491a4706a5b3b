/** Backends by the names that `--backend` takes. Each is imported only when asked for. */
import { existsSync } from 'node:fs';
import { type Backend, type BackendLoader, type BackendModule, cpu, openBackend as openFirst } from '@vqkit/core';
import { CliError, reasonOf } from './errors.ts';
import { warn } from './output.ts';

/** Values of `--backend`. */
export const backendNames = ['auto', 'onnx', 'webgpu', 'tfjs', 'cpu'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

/** What each name tries, in this order: `auto` a real GPU, else onnxruntime's CPU, which its npm package carries whole. */
const loadersOf: Record<BackendName, (threads?: number) => Record<string, BackendLoader>> = {
  auto: (threads) => ({ webgpu: openGpu, ...loadersOf.onnx(threads), cpu }),
  onnx: (threads) => ({ onnx: async () => (await import('@vqkit/backend-onnx')).onnx({ threads }) }),
  webgpu: () => ({ webgpu: async () => (await import('@vqkit/backend-webgpu')).webgpu() }),
  tfjs: () => ({ tfjs: () => import('@vqkit/backend-tfjs') }),
  cpu: () => ({ cpu }),
};

/** On Linux a GPU has a device file. Without one Dawn would only find CPUs that play a GPU, and print warnings about them. */
function openGpu(): Promise<BackendModule> {
  const files = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];
  if (process.platform === 'linux' && !files.some((file) => existsSync(file)))
    throw new Error(`expected a GPU, got none of ${files.join(', ')}`);
  return import('@vqkit/backend-webgpu');
}

/**
 * Opens a backend by name.
 *
 * @throws CliError `USAGE` for an unknown name, `BACKEND_UNAVAILABLE` when its engine is not installed or finds no device.
 */
export async function openBackend(name: string, threads?: number): Promise<Backend> {
  if (!Object.hasOwn(loadersOf, name)) {
    throw new CliError({
      code: 'USAGE',
      message: `expected a backend of ${backendNames.join(', ')}, got '${name}'`,
      fix: 'Change --backend',
    });
  }
  try {
    const opened = await openFirst(loadersOf[name as BackendName](threads));
    if (name === 'auto' && opened.name === 'cpu') {
      const reasons = opened.passedOver.map((other) => `\n  ${other.name}: ${reasonOf(other.error)}`);
      warn(`no fast backend works here, so this will be slow:${reasons.join('')}`);
    }
    return opened.backend;
  } catch (cause) {
    const [reason] = ((cause as Error).cause as AggregateError).errors;
    throw new CliError({
      code: 'BACKEND_UNAVAILABLE',
      message: `expected the backend '${name}' to start, got: ${(reason as Error).message}`,
      fix: 'Or leave --backend out',
      cause,
    });
  }
}
