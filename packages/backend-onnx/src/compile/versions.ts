/** Versions of the ONNX format that we write. */
import type { Model, ModelGraph } from '../model/types.ts';

/** The operator set; onnxruntime 1.20 and later know it. */
const opset = 21;

/** The file format version that goes with it. */
const irVersion = 10;

/** A graph as a model, with further operator sets of the engine, each in its first version. */
export function modelOf(graph: ModelGraph, ...domains: readonly string[]): Model {
  const engine = Object.fromEntries(domains.map((domain) => [domain, 1]));
  return { irVersion, opsets: { '': opset, ...engine }, producer: 'vqkit', graph };
}
