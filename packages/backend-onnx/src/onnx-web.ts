/** The entry for browsers: `onnx()` loads onnxruntime-web and makes a backend. The API is that of `onnx.ts`. */
import type { Backend } from '@vqkit/core';
import { checkOptions, createBackend, importEngine, type OnnxOptions } from './create.ts';
import { type Engine, providerError } from './runtime/engine.ts';

/** What we set on the web engine before its first session. */
interface WebEngine extends Engine {
  readonly env: { readonly wasm: { numThreads?: number; wasmPaths?: unknown } };
}

/**
 * Makes a backend that runs on onnxruntime-web, in WebAssembly unless told otherwise. Threads (more than one needs a
 * cross-origin isolated page) and paths belong to the engine, so the first backend of a page decides them.
 *
 * @throws OnnxError `ENGINE_MISSING` when onnxruntime-web is not installed; `PROVIDER_MISSING` when the provider is not there.
 *
 * @example
 * const backend = await onnx({ wasmPaths: '/ort/' });
 */
export async function onnx(options: OnnxOptions = {}): Promise<Backend> {
  const { executionProvider = 'wasm', threads, wasmPaths } = options;
  if (executionProvider === 'cpu' || executionProvider === 'cuda') throw providerError(executionProvider);
  const load =
    executionProvider === 'wasm' ? () => import('onnxruntime-web/wasm') : () => import('onnxruntime-web/webgpu');
  const engine = (options.engine ?? (await importEngine('onnxruntime-web', load))) as WebEngine;
  checkOptions(options);
  if (threads !== undefined) engine.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) engine.env.wasm.wasmPaths = wasmPaths;
  const name = executionProvider === 'wasm' ? 'onnx-web' : 'onnx-web-webgpu';
  return createBackend(engine, { name, executionProvider }, options);
}

/** As in `onnx.ts`. */
export function open(): Promise<Backend> {
  return onnx();
}
