/** `@vqkit/backend-onnx/model`: writes ONNX files node by node, for graphs that are built by hand. */

export { type ConstantData, GraphBuilder, type NodeAttributes } from './builder.ts';
export { encodeModel } from './encode.ts';
export {
  type ElementType,
  elementType,
  type Model,
  type ModelAttribute,
  type ModelGraph,
  type ModelNode,
  type ModelPort,
  type ModelTensor,
} from './types.ts';
