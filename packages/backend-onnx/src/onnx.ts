/** The entry for Node: `onnx()` loads onnxruntime-node and makes a backend. */
import type { Backend } from '@vqkit/core';
import { type CommonOptions, createBackend, importEngine } from './create.ts';

/** Options of `onnx()`. */
export interface OnnxOptions extends CommonOptions {
  /** Where to compute. Default `cpu`. */
  readonly executionProvider?: 'cpu' | 'cuda' | 'webgpu';
}

/**
 * Makes a backend that runs on onnxruntime in Node.
 *
 * @throws OnnxError `ENGINE_MISSING` when onnxruntime-node is not installed; `PROVIDER_MISSING` when the provider is not there.
 *
 * @example
 * const backend = await onnx({ threads: 2 });
 * const step = compile(trainStep); // one onnxruntime session per combination of shapes
 */
export async function onnx(options: OnnxOptions = {}): Promise<Backend> {
  const { executionProvider = 'cpu' } = options;
  const engine = options.engine ?? (await importEngine('onnxruntime-node', () => import('onnxruntime-node')));
  const name = executionProvider === 'cpu' ? 'onnx' : `onnx-${executionProvider}`;
  return createBackend(engine, { name, executionProvider }, options);
}
