/** Backends by the names that `--backend` takes. Each is imported only when asked for. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Backend, cpu, VqkitError } from '@vqkit/core';
import { CliError, reasonOf } from './errors.ts';

/** Values of `--backend`. */
export const backendNames = ['auto', 'onnx', 'webgpu', 'tfjs', 'cpu'] as const;

/** One of `backendNames`. */
export type BackendName = (typeof backendNames)[number];

const openers: Record<BackendName, (threads?: number) => Promise<Backend>> = {
  auto: openAuto,
  onnx: async (threads) => (await import('@vqkit/backend-onnx')).onnx({ threads }),
  webgpu: openWebgpu,
  tfjs: openTfjs,
  cpu: async () => cpu(),
};

/**
 * Opens a backend by name.
 *
 * @throws CliError `USAGE` for an unknown name, `BACKEND_UNAVAILABLE` when its engine is not installed or finds no device.
 */
export async function openBackend(name: string, threads?: number): Promise<Backend> {
  if (!Object.hasOwn(openers, name)) {
    throw new CliError({
      code: 'USAGE',
      message: `expected a backend of ${backendNames.join(', ')}, got '${name}'`,
      fix: 'Change --backend',
    });
  }
  try {
    return await openers[name as BackendName](threads);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError({
      code: 'BACKEND_UNAVAILABLE',
      message: `expected the backend '${name}' to start, got: ${cause instanceof VqkitError ? cause.message : reasonOf(cause)}`,
      fix: 'Or leave --backend out',
      cause,
    });
  }
}

/** onnxruntime's CPU, which its npm package carries whole; where there is no build of it, the slow reference. */
async function openAuto(threads?: number): Promise<Backend> {
  try {
    return await openers.onnx(threads);
  } catch (error) {
    process.stderr.write(`warning: onnxruntime does not load here, so this will be slow: ${reasonOf(error)}\n`);
    return cpu();
  }
}

async function openWebgpu(): Promise<Backend> {
  const [{ webgpu }, { create }] = await Promise.all([
    import('@vqkit/backend-webgpu'),
    importEngine('webgpu') as Promise<{ create(flags: readonly string[]): GPU }>,
  ]);
  return webgpu({ gpu: create([]) });
}

/** tfjs on CUDA, on TensorFlow's CPU library or on WebAssembly: the first that is installed. */
async function openTfjs(): Promise<Backend> {
  const { tfjsNode, tfjsNodeGpu, tfjsWasm } = await import('@vqkit/backend-tfjs');
  if (resolveEngine('@tensorflow/tfjs-node-gpu') !== undefined) return tfjsNodeGpu({ load: importEngine });
  if (resolveEngine('@tensorflow/tfjs-node') !== undefined) return tfjsNode({ load: importEngine });
  if (resolveEngine('@tensorflow/tfjs-backend-wasm') !== undefined) return tfjsWasm({ load: importEngine });
  throw notInstalled('@tensorflow/tfjs-node');
}

/** Engines are optional: they are looked for beside this command, never in the current folder, which may come from a stranger. */
function resolveEngine(name: string): string | undefined {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(name)).href;
  } catch {
    return undefined;
  }
}

async function importEngine(name: string): Promise<unknown> {
  const url = resolveEngine(name);
  if (url === undefined) throw notInstalled(name);
  return import(url);
}

function notInstalled(name: string): CliError {
  return new CliError({
    code: 'BACKEND_UNAVAILABLE',
    message: `expected the npm package '${name}', which this backend runs on, and it is not installed`,
    fix: `Install it where vqkit is (npm install ${name} in the same project, -g for a global one), or leave --backend out`,
  });
}
