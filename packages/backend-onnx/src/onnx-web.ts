/** The entry for browsers: `onnx()` loads onnxruntime-web and makes a backend. */
import type { Backend } from '@vqkit/core';
import { type CommonOptions, createBackend, importEngine } from './create.ts';
import type { Engine } from './runtime/engine.ts';

/** Options of `onnx()` on the web. */
export interface OnnxWebOptions extends CommonOptions {
  /** Where to compute. Default `wasm`. */
  readonly executionProvider?: 'wasm' | 'webgpu';
  /** Threads inside one operator. More than one needs a cross-origin isolated page. Default: what onnxruntime-web chooses. */
  readonly threads?: number;
  /** Where the engine's `.wasm` and `.mjs` files are served, e.g. `/ort/`. Default: beside its script. */
  readonly wasmPaths?: string;
}

/** What we set on the web engine before its first session. */
interface WebEngine extends Engine {
  readonly env: { readonly wasm: { numThreads?: number; wasmPaths?: unknown } };
}

/**
 * Makes a backend that runs on onnxruntime-web, in WebAssembly unless told otherwise. Threads and paths belong to the
 * engine, so the first backend of a page decides them.
 *
 * @throws OnnxError `ENGINE_MISSING` when onnxruntime-web is not installed; `PROVIDER_MISSING` when the provider is not there.
 *
 * @example
 * const backend = await onnx({ wasmPaths: '/ort/' });
 */
export async function onnx(options: OnnxWebOptions = {}): Promise<Backend> {
  const { executionProvider = 'wasm', threads, wasmPaths } = options;
  const load =
    executionProvider === 'wasm' ? () => import('onnxruntime-web/wasm') : () => import('onnxruntime-web/webgpu');
  const engine = (options.engine ?? (await importEngine('onnxruntime-web', load))) as WebEngine;
  if (threads !== undefined) engine.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) engine.env.wasm.wasmPaths = wasmPaths;
  const name = executionProvider === 'wasm' ? 'onnx-web' : 'onnx-web-webgpu';
  return createBackend(engine, { name, executionProvider }, options);
}
