/** `@vqkit/backend-tfjs`: runs vqkit on TensorFlow.js: CUDA in Node, WebAssembly, WebGL, WebGPU, plain JavaScript. */
export type { TfjsBackend } from './backend.ts';
export { TfjsError } from './errors.ts';
export {
  type LoadOptions,
  type LoadPackage,
  open,
  tfjsCpu,
  tfjsNode,
  tfjsNodeGpu,
  tfjsWasm,
  tfjsWebgl,
  tfjsWebgpu,
  type WasmOptions,
} from './load.ts';
export type { DeviceReport } from './report.ts';
export type { TfMemory, TfNamespace } from './runtime/tf-types.ts';
export { type TfjsOptions, tfjs } from './tfjs.ts';
