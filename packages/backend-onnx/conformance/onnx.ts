/** onnxruntime-node as a target of `npm run conformance -- --backend onnx`. */
import type { ConformanceTarget } from '../../../tooling/conformance.ts';
import { onnx } from '../src/index.ts';

/** Every call goes through the engine, also the small ones that would otherwise run on the host. */
export default function target(): ConformanceTarget {
  return { createBackend: () => onnx({ hostWork: 0 }) };
}
