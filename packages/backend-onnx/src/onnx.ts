/** The entry for Node: `onnx()` loads onnxruntime-node and makes a backend. */
import type { Backend } from '@vqkit/core';
import { createBackend, importEngine, type OnnxOptions } from './create.ts';
import { providerError } from './runtime/engine.ts';

// Not followed by bundlers: the engine is native, and finds its libraries only where it was installed.
const importByName = (name: string): Promise<unknown> => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/**
 * Makes a backend on onnxruntime: onnxruntime-node in Node, on the CPU unless told otherwise, and onnxruntime-web
 * everywhere else, in WebAssembly.
 *
 * @throws OnnxError `ENGINE_MISSING` when the engine's package is not installed; `PROVIDER_MISSING` when the provider is not there.
 *
 * @example
 * const backend = await onnx({ threads: 2 });
 * const step = compile(trainStep); // one onnxruntime session per combination of shapes
 */
export async function onnx(options: OnnxOptions = {}): Promise<Backend> {
  const { executionProvider = 'cpu' } = options;
  if (executionProvider === 'wasm') throw providerError(executionProvider);
  const load = () => importByName('onnxruntime-node');
  const engine = options.engine ?? (await importEngine('onnxruntime-node', load));
  const name = executionProvider === 'cpu' ? 'onnx' : `onnx-${executionProvider}`;
  return createBackend(engine, { name, executionProvider }, options);
}

/** What `openBackend` of `@vqkit/core` calls: `onnx()`. */
export function open(): Promise<Backend> {
  return onnx();
}
