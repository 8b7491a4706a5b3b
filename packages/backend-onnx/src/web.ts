/** `@vqkit/backend-onnx` in browsers and whatever is no Node, and `@vqkit/backend-onnx/web` everywhere: on onnxruntime-web. */

export type { OnnxOptions } from './create.ts';
export { OnnxError } from './errors.ts';
export { type ExportOnnxOptions, exportOnnx } from './export/export-onnx.ts';
export { onnx, open } from './onnx-web.ts';
export type { Engine, ExecutionProvider } from './runtime/engine.ts';
