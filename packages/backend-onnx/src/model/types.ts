/**
 * An ONNX model as plain data, before it becomes bytes: just the parts of the format that we write.
 * @see https://github.com/onnx/onnx/blob/main/docs/IR.md
 */

/** Element types of ONNX tensors with their numbers in the format. */
export const elementType = {
  float: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
} as const;

/** Name of an ONNX element type. */
export type ElementType = keyof typeof elementType;

/** Values stored in a model, row-major and little-endian. */
export interface ModelTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

/** One attribute of a node; the key says which kind it is. */
export type ModelAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly graph: ModelGraph };

/** One operator call. An empty input name leaves an optional input out. */
export interface ModelNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, ModelAttribute>>;
}

/** A named input or output; a string as a dimension is a symbol that is free at run time. */
export interface ModelPort {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string)[];
}

/** A graph: nodes in execution order. */
export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly ModelNode[];
  readonly initializers: readonly ModelTensor[];
  readonly inputs: readonly ModelPort[];
  readonly outputs: readonly ModelPort[];
}

/** A whole model file. */
export interface Model {
  readonly irVersion: number;
  /** Operator set versions by domain; `''` is ONNX itself. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graph: ModelGraph;
}
