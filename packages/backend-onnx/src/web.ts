/** `@vqkit/backend-onnx/web`: runs vqkit programs on onnxruntime-web in browsers. */

export { OnnxError } from './errors.ts';
export { type ExportOnnxOptions, exportOnnx } from './export/export-onnx.ts';
export { type OnnxWebOptions, onnx } from './onnx-web.ts';
export type { Engine } from './runtime/engine.ts';
