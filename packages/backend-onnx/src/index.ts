/**
 * `@vqkit/backend-onnx`: runs vqkit programs on onnxruntime. This is its entry for Node; the same exports for everything
 * else are in `web.ts`, and `package.json` says who gets which.
 */

export type { OnnxOptions } from './create.ts';
export { OnnxError } from './errors.ts';
export { type ExportOnnxOptions, exportOnnx } from './export/export-onnx.ts';
export { onnx, open } from './onnx.ts';
export type { Engine, ExecutionProvider } from './runtime/engine.ts';
