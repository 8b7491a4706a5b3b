/** `@vqkit/backend-onnx`: runs vqkit programs on onnxruntime in Node. */

export { OnnxError } from './errors.ts';
export { type ExportOnnxOptions, exportOnnx } from './export/export-onnx.ts';
export { type OnnxOptions, onnx } from './onnx.ts';
export type { Engine, ExecutionProvider } from './runtime/engine.ts';
